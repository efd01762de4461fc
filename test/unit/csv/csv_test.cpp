#include "core/csv/kept_buffer.h"
#include "core/csv/record_reader.h"
#include "core/error.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <sys/mman.h>
#include <unistd.h>

using namespace barometre::csv;
using namespace barometre::bytes;
using barometre::record::field;
using reason = bad_record::reason;
using namespace std::string_literals;

namespace {

dialect semicolon(char quote = '"', bool blank_is_null = false) {
    dialect how;
    how.delimiter = ";";
    how.quote = quote;
    how.blank_is_null = blank_is_null;
    return how;
}

/// What reading a text gave: records as "field|field", NULL as <null>; then the bad ones.
struct reading {
    std::vector<std::string> records;
    std::vector<std::uint64_t> lines;
    std::vector<bad_record> bad;
    content_hash hash{}, whole{};
    std::uint64_t bytes = 0, blank = 0;
};

reading read(const std::string &text, dialect how = semicolon('"', false), std::size_t fields = 0,
             std::size_t optional = 0) {
    int fd = memfd_create("csv", 0);
    EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::lseek(fd, 0, SEEK_SET);
    reading got;
    record_reader in(fd, how, fields, optional);
    in.on_bad = [&](const bad_record &b) { got.bad.push_back(b); };
    while (in.next()) {
        std::string line;
        for (const field &f : in.fields())
            line += (line.empty() && &f == &in.fields()[0] ? "" : "|") + (f.is_null ? "<null>" : std::string(f.text));
        got.records.push_back(line);
        got.lines.push_back(in.line());
    }
    got.hash = in.hash();
    got.bytes = in.bytes();
    got.blank = in.blank_lines();
    got.whole = hash_file(fd);
    ::close(fd);
    return got;
}

using list = std::vector<std::string>;

} // namespace

TEST(Csv, FieldsAreSplitAtTheDelimiter) { EXPECT_EQ(read("a;b;c\n1;2;3\n").records, (list{"a|b|c", "1|2|3"})); }
TEST(Csv, LastLineNeedsNoNewline) { EXPECT_EQ(read("a;b\n1;2").records, (list{"a|b", "1|2"})); }
TEST(Csv, EmptyFileHasNoRecord) { EXPECT_TRUE(read("").records.empty()); }
TEST(Csv, CarriageReturnBeforeNewlineEndsALine) { EXPECT_EQ(read("a;b\r\n1;2\r\n").records, (list{"a|b", "1|2"})); }
TEST(Csv, CarriageReturnAloneEndsALine) {
    EXPECT_EQ(read("a;b\r1;2\n3;4\r\n5;6\r").records, (list{"a|b", "1|2", "3|4", "5|6"}));
}
TEST(Csv, DoubledByteOrderMarkIsSkipped) {
    EXPECT_EQ(read("\xEF\xBB\xBF\xEF\xBB\xBF\"a\";b\n").records, (list{"a|b"}));
}
TEST(Csv, ByteOrderMarkInsideAFileIsKeptAlsoWhereTheReaderStartsAnew) {
    std::string text;
    for (int i = 0; i < 200000; ++i)
        text += "\xEF\xBB\xBF"
                "a;b\n";
    const auto got = read(text);
    ASSERT_EQ(got.records.size(), 200000u);
    EXPECT_EQ(got.records[0], "a|b");
    EXPECT_EQ(std::count(got.records.begin() + 1, got.records.end(),
                         "\xEF\xBB\xBF"
                         "a|b"),
              199999);
}
TEST(Csv, ByteOrderMarkIsSkipped) { EXPECT_EQ(read("\xEF\xBB\xBF\"a\";b\n").records, (list{"a|b"})); }
TEST(Csv, QuotesHoldDelimitersAndDoubledQuotes) {
    EXPECT_EQ(read("\"x;y\";\"say \"\"hi\"\"\"\n").records, (list{"x;y|say \"hi\""}));
}
TEST(Csv, NewlinesInQuotesAreKeptByteForByte) {
    EXPECT_EQ(read("\"a\nb\r\nc\n\nd\re\r\";2\n").records, (list{"a\nb\r\nc\n\nd\re\r|2"}));
}
TEST(Csv, LinesAreThePhysicalOnes) {
    EXPECT_EQ(read("a;b\n\"1\n2\n3\";x\n\nc;d\n").lines, (std::vector<std::uint64_t>{1, 2, 6}));
}
TEST(Csv, UnquotedEmptyIsNullAndQuotedEmptyIsNot) { EXPECT_EQ(read(";\"\"; \n").records, (list{"<null>|| "})); }
TEST(Csv, BlankIsNullCoversQuotedEmptyAndWhiteSpace) {
    EXPECT_EQ(read(";\"\"; \t;\"\xC2\xA0\"; x \n", semicolon('"', true)).records,
              (list{"<null>|<null>|<null>|<null>| x "}));
}
TEST(Csv, BlankLinesAreSkippedWithSeveralFields) {
    auto got = read("a;b\n\n\r\n1;2\n");
    EXPECT_EQ(got.records, (list{"a|b", "1|2"}));
    EXPECT_EQ(got.blank, 2u);
}
TEST(Csv, BlankLineIsARecordOfOneNullField) {
    EXPECT_EQ(read("a\n\nb\n", semicolon('"', false), 1).records, (list{"a", "<null>", "b"}));
}

TEST(Csv, WrongNumberOfFieldsIsBadAndNeighboursLoad) {
    auto got = read("a;b\n1\n2;3;\n4;5\n");
    EXPECT_EQ(got.records, (list{"a|b", "4|5"}));
    ASSERT_EQ(got.bad.size(), 2u);
    EXPECT_EQ(got.bad[0].why, reason::field_count);
    EXPECT_EQ(got.bad[0].expected, 2u);
    EXPECT_EQ(got.bad[0].found, 1u);
    EXPECT_EQ(got.bad[1].line, 3u);
    EXPECT_EQ(got.bad[1].found, 3u);
}
TEST(Csv, NeverClosedQuoteCostsOneLine) {
    auto got = read("a;b\n1;\"open\n2;3\n4;5\n");
    EXPECT_EQ(got.records, (list{"a|b", "2|3", "4|5"}));
    EXPECT_EQ(got.lines, (std::vector<std::uint64_t>{1, 3, 4}));
    ASSERT_EQ(got.bad.size(), 1u);
    EXPECT_EQ(got.bad[0].why, reason::unclosed_quote);
    EXPECT_EQ(got.bad[0].line, 2u);
}
TEST(Csv, QuoteClosedByTheNextOpeningCostsOneLine) {
    auto got = read("a;b\n1;\"open\n2;\"x\"\n4;5\n");
    EXPECT_EQ(got.records, (list{"a|b", "2|x", "4|5"}));
    ASSERT_EQ(got.bad.size(), 1u);
    EXPECT_EQ(got.bad[0].why, reason::text_after_quote);
}
TEST(Csv, TextAfterAClosingQuoteIsBad) {
    auto got = read("\"x\"y;1\n2;3\n");
    EXPECT_EQ(got.records, (list{"2|3"}));
    EXPECT_EQ(got.bad.at(0).why, reason::text_after_quote);
}
TEST(Csv, QuoteInsideAnUnquotedFieldIsBad) {
    auto got = read("a;5\" pipe\n2;3\n");
    EXPECT_EQ(got.records, (list{"2|3"}));
    EXPECT_EQ(got.bad.at(0).why, reason::quote_in_unquoted);
    EXPECT_EQ(got.bad.at(0).column, 2u);
}
TEST(Csv, InvalidUtf8AndNulAreBadWithTheirColumn) {
    auto got = read("a;\xE9t\xE9\nb;x\0y\n\xFF;1\n\xFE\n2;3\n"s);
    EXPECT_EQ(got.records, (list{"2|3"}));
    ASSERT_EQ(got.bad.size(), 4u);
    EXPECT_EQ(got.bad[0].why, reason::encoding);
    EXPECT_EQ(got.bad[0].column, 2u);
    EXPECT_EQ(got.bad[1].why, reason::nul);
    EXPECT_EQ(got.bad[2].why, reason::encoding);
    EXPECT_EQ(got.bad[3].why, reason::encoding);
}
TEST(Csv, MissingOptionalLastFieldIsNull) {
    EXPECT_EQ(read("a;b\na;b;c\n", semicolon('"', false), 3, 1).records, (list{"a|b|<null>", "a|b|c"}));
    const reading padded = read("\na\n\na;b;c;d\n", semicolon('"', false), 3, 3); // all: of an empty line, too
    EXPECT_EQ(padded.records, (list{"<null>|<null>|<null>", "a|<null>|<null>", "<null>|<null>|<null>"}));
    EXPECT_EQ(padded.bad.size(), 1u);
}
TEST(Csv, WithoutQuotingAQuoteIsText) { EXPECT_EQ(read("\"a;b\n", semicolon('\0', false)).records, (list{"\"a|b"})); }
TEST(Csv, HashAndSizeAreThoseOfTheFile) {
    auto got = read("\xEF\xBB\xBF"
                    "a;b\r\n1;2");
    EXPECT_EQ(got.hash, got.whole);
    EXPECT_EQ(got.bytes, 11u);
}

// Delimiters and quotes are looked for in blocks of 16 bytes: each lies everywhere in one.
TEST(Csv, QuotesMeanTheSameWhereverTheyStand) {
    for (std::size_t n = 0; n < 40; ++n) {
        const std::string x(n, 'x'), shown = n > 0 ? x : "<null>", before = "1;2;3;4\n";
        const auto bad_of = [&](const std::string &line) {
            const auto got = read(before + line + "\n5;6;7;8\n");
            EXPECT_EQ(got.records, (list{"1|2|3|4", "5|6|7|8"})) << line;
            return got.bad.empty() ? -1 : static_cast<int>(got.bad[0].why);
        };
        EXPECT_EQ(read(before + x + ";\"" + x + ";é\"\"" + x + "\né\";\"\"\"" + x + "\";" + x + "\n").records,
                  (list{"1|2|3|4", shown + "|" + x + ";é\"" + x + "\né|\"" + x + "|" + shown}));
        EXPECT_EQ(read(before + x + ";\"" + x + "\";\"\";\"" + x + "é\"").records,
                  (list{"1|2|3|4", shown + "|" + x + "||" + x + "é"}));
        EXPECT_EQ(bad_of("\"" + x + "\"" + x + "y;2;3;4"), static_cast<int>(reason::text_after_quote));
        EXPECT_EQ(bad_of("1;\"" + x + "\"y" + x + "\";3;4"), static_cast<int>(reason::text_after_quote));
        EXPECT_EQ(bad_of("1;2;3;\"" + x + "\"y" + x), static_cast<int>(reason::text_after_quote));
        EXPECT_EQ(bad_of("\"1\";" + x + "y\"" + x + ";3;4"), static_cast<int>(reason::quote_in_unquoted));
        EXPECT_EQ(bad_of("\"1\";" + x + "\xE9" + x + ";3;4"), static_cast<int>(reason::encoding));
    }
}

TEST(Csv, AFileThatIsReadInAnotherOnesBufferHasNothingOfIt) {
    const kept_buffer buffer;
    const int other = memfd_create("csv", 0);
    const auto text = "a;b\n1;2\n"s + std::string(100000, 'x') + ";2\n3;4\n";
    ASSERT_EQ(::write(other, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    {
        record_reader half(other, semicolon());
        ASSERT_TRUE(half.next() && half.next());
        EXPECT_EQ(read("c;d\n5;6").records, (list{"c|d", "5|6"})); // beside it
        ASSERT_TRUE(half.next());
    }
    EXPECT_EQ(read("c;d\n5;6").records, (list{"c|d", "5|6"})); // after it
    EXPECT_TRUE(read("").records.empty());
    EXPECT_EQ(read(text).records.size(), 4u);
    ::close(other);
}

// LineReader works in blocks of 16 MiB and must never be given a short one.
TEST(Csv, FilesAroundTheReadersBlockSizeAreWhole) {
    for (int delta : {-1, 0, 1}) {
        std::string text;
        const std::size_t size = (std::size_t{1} << 25) + static_cast<std::size_t>(delta + 1) - 1;
        while (text.size() + 200 < size)
            text += "123456789;" + std::string(188, 'a') + "\r\n";
        text += std::string(size - text.size() - 2, 'x') + ";y";
        auto got = read(text);
        EXPECT_EQ(got.records.size(), (size + 199) / 200) << delta;
        EXPECT_EQ(got.records.back().substr(got.records.back().size() - 2), "|y");
        EXPECT_EQ(got.hash, got.whole);
    }
}
TEST(Csv, LineOver16MiBIsBadAndTheRestLoads) {
    for (const char *end : {"\n", "\r\n", "\r"}) {
        const auto got =
            read("a;b"s + end + std::string((1 << 24) + 10, 'x') + end + "1;2" + end + std::string(1 << 25, 'x'));
        EXPECT_EQ(got.records, (list{"a|b", "1|2"}));
        ASSERT_EQ(got.bad.size(), 2u);
        EXPECT_EQ(got.bad[0].why, reason::line_too_long);
        EXPECT_EQ(got.bad[0].line, 2u);
        EXPECT_EQ(got.bad[1].line, 4u);
        EXPECT_EQ(got.hash, got.whole);
    }
}
TEST(Csv, AByte1AAtTheVeryEndIsNoCharacter) {
    for (const std::string text :
         {"", "a;b\n1;2\n", "a;b\n1;2", "a;b\r\n1;\"2\"", "a;b\n1;\"x", "a;b\n\n", "a;b\r1;2\r"}) {
        const auto plain = read(text), marked = read(text + "\x1A");
        EXPECT_EQ(marked.records, plain.records) << text;
        EXPECT_EQ(marked.lines, plain.lines) << text;
        EXPECT_EQ(marked.bad.size(), plain.bad.size()) << text;
        EXPECT_EQ(marked.hash, marked.whole);
    }
    EXPECT_EQ(read("a;b\n\x1A;2\x1A\n").records, (list{"a|b", "\x1A|2\x1A"}));
    EXPECT_EQ(read("a;b\n1;2\x1A\x1A").records, (list{"a|b", "1|2\x1A"}));
}
TEST(Csv, LinesAfterANeverClosedQuoteAreReadAgainWithTheirEnds) {
    const auto got = read("a;b\r\n\"x;1\r\n2;3\n4;5\r\n6;7");
    EXPECT_EQ(got.records, (list{"a|b", "2|3", "4|5", "6|7"}));
    EXPECT_EQ(got.lines, (std::vector<std::uint64_t>{1, 3, 4, 5}));
    EXPECT_EQ(got.bad.at(0).line, 2u);
}

// The columns of most lines are found many lines ahead; of some of them they are not, and lines after those are again.
TEST(Csv, LinesAmongManyOfAnotherKindAreRead) {
    for (const std::string &end : {"\n"s, "\r\n"s})
        for (const std::string &odd :
             {"x;\"y" + end + "z\"", "x;\"y\"\"z\""s, "\xC3\xA9;y"s, ""s, "x;y;z"s, "\xE9;y"s, "\"x"s})
            for (int every : {1, 2, 3, 7, 50, 1000}) {
                std::string text;
                list want;
                std::size_t bad = 0, blank = 0;
                for (int i = 1; i <= 3000; ++i) {
                    text += std::to_string(i * 37 % 1000) + ";" + (i % 3 == 0 ? "" : std::string(i % 90, 'a')) + end;
                    want.push_back(std::to_string(i * 37 % 1000) + "|" +
                                   (i % 3 == 0 || i % 90 == 0 ? "<null>" : std::string(i % 90, 'a')));
                    if (i % every != 0)
                        continue;
                    text += odd + end;
                    blank += odd.empty();
                    if (odd == "\"x" || odd == "x;y;z" || odd == "\xE9;y")
                        ++bad;
                    else if (!odd.empty())
                        want.push_back(odd[0] == '\xC3'           ? "\xC3\xA9|y"
                                       : odd.ends_with("\"\"z\"") ? "x|y\"z"
                                                                  : "x|y" + end + "z");
                }
                if (odd == "\"x" && every < 50) // each is looked for to the file's end
                    continue;
                const auto got = read(text);
                ASSERT_EQ(got.records, want) << odd << " every " << every;
                ASSERT_EQ(got.bad.size(), bad) << odd << " every " << every;
                ASSERT_EQ(got.blank, blank);
                ASSERT_EQ(got.hash, got.whole);
            }
}
TEST(Csv, WhatCantBeReadAgainIsShownAsItWas) {
    dialect how = semicolon();
    how.coding.encoding = "WINDOWS-1252";
    std::string text = "a;b;c\n", wide = "\xE9" + std::string(2000, 'x');
    for (int i = 0; i < 100; ++i)
        text += std::to_string(i) + ";;\xE9" + std::to_string(i) + "\n" + wide + ";;\n";
    const int fd = memfd_create("csv", 0);
    EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::lseek(fd, 0, SEEK_SET);
    record_reader in(fd, how);
    ASSERT_TRUE(in.next());
    EXPECT_EQ(in.raw(), "a;b;c");
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(in.next());
        EXPECT_EQ(in.raw(), std::to_string(i) + ";;\xC3\xA9" + std::to_string(i));
        EXPECT_EQ(in.fields()[1].is_null, true);
        ASSERT_TRUE(in.next());
        EXPECT_EQ(in.raw(), "\xC3\xA9" + std::string(1022, 'x'));
    }
    EXPECT_FALSE(in.next());
    ::close(fd);
}

// Whatever the bytes, a record is whole, or bad and reported with its line, and lines go forward.
TEST(Csv, RandomBytesAreReadOrReported) {
    const std::string alphabet = "ab1;;\"\"\n\n\r \0\xC3\xA9\xFE\xFF"s;
    unsigned seed = 20260101;
    for (int round = 0; round < 60; ++round) {
        std::string text;
        for (int i = 0; i < 3000; ++i) {
            seed = seed * 1664525u + 1013904223u;
            text += alphabet[(seed >> 16) % alphabet.size()];
        }
        auto got = read(text, semicolon('"', round % 2 == 0), 2);
        EXPECT_EQ(got.hash, got.whole);
        const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n') +
                                                      std::count(text.begin(), text.end(), '\r')) +
                           1;
        std::uint64_t last = 0;
        for (std::uint64_t line : got.lines) {
            EXPECT_GT(line, last);
            last = line;
        }
        EXPECT_LE(last, lines);
        for (const bad_record &b : got.bad)
            EXPECT_LE(b.line, lines);
        EXPECT_LE(got.lines.size() + got.bad.size() + got.blank, lines);
    }
}
