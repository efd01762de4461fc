#include "core/text/hash.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

using namespace barometre;

// As xxhsum -H128 gives it: what was hashed by an earlier release is hashed alike.
TEST(TextHash, IsThatOfXxh3InItsCanonicalForm) {
    EXPECT_EQ(text::hash(""), "99aa06d3014798d86001c324468d497f");
    EXPECT_NE(text::hash("a"), text::hash(std::string("a\0", 2)));
}

TEST(Fold, WhatFitsStays) {
    EXPECT_EQ(text::fold("", 5), "");
    EXPECT_EQ(text::fold("abcde", 5), "abcde");
    EXPECT_EQ(text::fold("éèàùç", 5), "éèàùç");
    EXPECT_EQ(text::fold("a\n\nb", 5), "a\n\nb");
}

TEST(Fold, LinesEndAtSpacesFirst) {
    EXPECT_EQ(text::fold("one two three", 7), "one two\nthree");
    EXPECT_EQ(text::fold("one two three", 8), "one two\nthree");
    EXPECT_EQ(text::fold("a_b c_d_e", 6), "a_b\nc_d_e");
    EXPECT_EQ(text::fold("one   two", 4), "one\ntwo");
}

TEST(Fold, LongWordsEndBehindASignOrAnywhere) {
    EXPECT_EQ(text::fold("tap_csv.requests", 10), "tap_csv.\nrequests");
    EXPECT_EQ(text::fold("abcdefgh", 3), "abc\ndef\ngh");
    EXPECT_EQ(text::fold("ééééé", 2), "éé\néé\né");
    EXPECT_EQ(text::fold("is abcdefgh", 4), "is\nabcd\nefgh");
}

TEST(Fold, WordsOfSqlStayWhole) {
    EXPECT_EQ(text::fold("(\"a_long_name\" text, b int)", 6, true), "(\"a_long_name\"\ntext,\nb int)");
    EXPECT_EQ(text::fold("abcdefgh", 3, true), "abcdefgh");
}

TEST(Fold, ControlCharactersAreSpaces) { EXPECT_EQ(text::fold("a\tb\r\nc", 9), "a b\nc"); }

TEST(Fold, SpacesAtTheBeginningStay) { EXPECT_EQ(text::fold("    abc def", 8), "    abc\ndef"); }

TEST(Utf8, BytesThatAreNoneAreFound) {
    const std::string good = "0123456789 été \u20AC \U0001F600 \x7f";
    EXPECT_EQ(text::utf8_size(""), 0u);
    EXPECT_TRUE(text::is_utf8(good));
    for (const std::string bad : {"\xe9", "\xc3", "\x80", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                  "\xf0\x9f\x98", "\xff\xfe"})
        for (const std::string &before : {std::string(), std::string("é"), std::string(8, 'x'), good + good})
            for (const std::string &after : {std::string(), std::string("x"), std::string("é"), good}) {
                EXPECT_EQ(text::utf8_size(before + bad + after), before.size()) << text::hex(bad);
                EXPECT_TRUE(text::is_utf8(text::legible(before + bad + after)));
                for (std::size_t size : {0u, 47u, 48u, 70u}) // from some size on it is found another way
                    EXPECT_FALSE(text::is_utf8(std::string(size, 'x') + before + bad + after)) << text::hex(bad);
                EXPECT_TRUE(text::legible(before + bad + after).ends_with(after));
            }
    EXPECT_EQ(text::legible(good), good);
    EXPECT_EQ(text::legible(std::string("\xe9t\xe9\0!", 5)), "\\xe9t\\xe9\\x00!");
    EXPECT_EQ(text::legible("\xe9t\xe9", '?'), "?t?");
}
TEST(Text, NamesAreOneLineAndDifferentWhereTheyAreDifferent) {
    EXPECT_EQ(text::one_line("d\xc3\xa9p\xc3\xb4t.csv"), "d\xc3\xa9p\xc3\xb4t.csv");
    EXPECT_EQ(text::one_line("caf\xe9.csv"), "caf\\xe9.csv");
    EXPECT_EQ(text::one_line("caf\\xe9.csv"), "caf\\x5cxe9.csv");
    EXPECT_EQ(text::one_line("a\\b\\xg0\\x1"), "a\\b\\xg0\\x1");
    EXPECT_EQ(text::one_line("\xc3"), "\\xc3");
    EXPECT_EQ(text::one_line("a\nERROR:\t\x7f"), "a\\x0aERROR:\\x09\\x7f");
    std::set<std::string> seen; // all names of up to four of these bytes
    const std::string bytes = "\\x41\xe9\xc3\xa9\n";
    std::size_t all = 0;
    const std::function<void(std::string)> each = [&](std::string name) {
        ++all;
        const std::string shown = text::one_line(name);
        EXPECT_TRUE(text::is_utf8(shown) && shown.find('\n') == shown.npos) << shown;
        seen.insert(shown);
        for (std::size_t i = 0; i < bytes.size() && name.size() < 4; ++i)
            each(name + bytes[i]);
    };
    each("");
    EXPECT_EQ(seen.size(), all);
}
TEST(Utf8, PlacesAreCountedInCharacters) {
    const std::string lines = "a\nété\r\n\n";
    auto spot = [&](std::size_t at) {
        const text::spot s = text::spot_of(lines, at);
        return std::to_string(s.line) + ":" + std::to_string(s.column);
    };
    EXPECT_EQ(spot(0), "1:1");
    EXPECT_EQ(spot(2), "2:1");
    EXPECT_EQ(spot(5), "2:3");
    EXPECT_EQ(spot(lines.size()), "4:1");
}

TEST(Text, WhatOthersWordedEndsOnce) {
    for (const char *words : {"it failed", "it failed.", "it failed. \n"})
        EXPECT_EQ(text::sentence(words), "it failed.");
    for (const char *words : {"did it?", "SELECT 1;", ""})
        EXPECT_EQ(text::sentence(words), words);
}
