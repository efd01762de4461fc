#include "core/text/hash.h"
#include "core/text/text.h"

#include <gtest/gtest.h>

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
