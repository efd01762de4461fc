#include "core/value/parse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace barometre::value;

namespace {

std::vector<std::uint16_t> words(std::string_view text) {
    std::vector<unsigned char> room(numeric_room(text.size()));
    const std::size_t n = pack_numeric(text, room.data());
    std::vector<std::uint16_t> out;
    for (std::size_t i = 0; i + 1 < n; i += 2)
        out.push_back(static_cast<std::uint16_t>(room[i] | room[i + 1] << 8));
    return out;
}

} // namespace

TEST(Value, IntegersStopAtTheirBounds) {
    EXPECT_EQ(parse_integer("32767", -32768, 32767), 32767);
    EXPECT_EQ(parse_integer("32768", -32768, 32767), std::nullopt);
    EXPECT_EQ(parse_integer("-9223372036854775808", INT64_MIN, INT64_MAX), INT64_MIN);
    EXPECT_EQ(parse_integer("9223372036854775808", INT64_MIN, INT64_MAX), std::nullopt);
    EXPECT_EQ(parse_integer("+7", -10, 10), 7);
    for (const char *wrong : {"", "+", "-", "+-1", " 1", "1 ", "1.0", "0x1", "++1"})
        EXPECT_EQ(parse_integer(wrong, INT64_MIN, INT64_MAX), std::nullopt) << wrong;
}

TEST(Value, NothingIsNoNumeric) {
    for (const char *wrong : {"", "-", ".", "-.", "0."}) {
        const std::vector<char> text(wrong, wrong + std::strlen(wrong)); // and nothing beside it
        unsigned char room[64];
        EXPECT_EQ(pack_numeric({text.data(), text.size()}, room), 0u) << wrong;
    }
}

// As the server does it: the decimals that are missing are shown as zeros, and are not stored.
TEST(Value, ANumericGetsItsScale) {
    const auto fitted = [](std::string_view text, int precision, int scale) {
        std::vector<unsigned char> room(numeric_room(text.size()));
        const std::size_t n = pack_numeric(text, room.data());
        if (n == 0 || !fit_numeric(room.data(), n, precision, scale))
            room.clear();
        room.resize(room.empty() ? 0 : n);
        return room;
    };
    const auto packed = [&](std::string_view text) {
        return fitted(text, 1000, static_cast<int>(text.size() - 1 - text.find('.')));
    };
    EXPECT_EQ(fitted("1.5", 6, 2), packed("1.50"));
    EXPECT_EQ(fitted("-9999", 6, 2), packed("-9999.00"));
    EXPECT_EQ(fitted("0009999.99", 6, 2), packed("9999.99"));
    EXPECT_EQ(fitted("0", 6, 2), packed("0.00"));
    EXPECT_EQ(fitted("0.00001", 5, 5), packed("0.00001"));
    EXPECT_EQ(fitted("123456789012345678901234", 30, 6), packed("123456789012345678901234.000000"));
    for (const char *wrong : {"10000", "-10000.0", "1.005", "1.000", "99999999999"})
        EXPECT_TRUE(fitted(wrong, 6, 2).empty()) << wrong;
    EXPECT_TRUE(fitted("1", 5, 5).empty());
    EXPECT_TRUE(fitted("1000", 3, 0).empty());
    EXPECT_FALSE(fitted("999", 3, 0).empty());
}

// Behind so many zeros a number is read digit after digit.
TEST(Value, NumbersOfAnyLengthAreReadAlike) {
    std::mt19937 random(11);
    const std::string zeros(24, '0'), others = ".+-/: \xB0";
    for (int i = 0; i < 300'000; ++i) {
        std::string text(1 + random() % 18, '0');
        for (char &c : text)
            c = static_cast<char>('0' + random() % 10);
        for (unsigned n = random() % 3; n > 0; --n)
            text[random() % text.size()] = others[random() % (1 + random() % others.size())];
        if (random() % 4 == 0)
            text.append(random() % 70, '0');
        const bool negative = text[0] == '-';
        const std::string padded = (negative         ? "-"
                                    : text[0] == '+' ? "+"
                                                     : "") +
                                   zeros + text.substr(negative || text[0] == '+');
        const bool has_digit = text.size() > std::size_t{negative || text[0] == '+'};
        EXPECT_EQ(parse_integer(text, -99999, INT64_MAX),
                  has_digit ? parse_integer(padded, -99999, INT64_MAX) : std::nullopt)
            << text;
        const std::string::size_type first = negative;
        if (text.size() > first && text[first] >= '0' && text[first] <= '9')
            EXPECT_EQ(words(text), words(padded)) << text;
        else
            EXPECT_TRUE(words(text).empty()) << text;
    }
}

TEST(Value, EachDayHasItsDate) {
    using namespace std::chrono;
    char text[20];
    std::mt19937 random(12);
    for (sys_days day = 1y / January / 1; day <= 9999y / December / 31; day += days{1 + random() % 20}) {
        const year_month_day date{day};
        const unsigned second = random() % 86400;
        std::snprintf(text, sizeof text, "%04d-%02u-%02u %02u:%02u:%02u", int{date.year()}, unsigned{date.month()},
                      unsigned{date.day()}, second / 3600, second / 60 % 60, second % 60);
        const auto n = (day - sys_days{2000y / January / 1}).count();
        ASSERT_EQ(parse_date({text, 10}), n) << text;
        ASSERT_EQ(parse_timestamp({text, 19}), (n * 86400 + second) * 1'000'000) << text;
        text[random() % 19] = static_cast<char>("x/: -\xB0"[random() % 6]);
        const bool is_time = text[4] == '-' && text[7] == '-' && (text[10] == ' ' || text[10] == 'T') &&
                             text[13] == ':' && text[16] == ':';
        const auto count = std::count_if(text, text + 19, [](char c) { return c >= '0' && c <= '9'; });
        ASSERT_EQ(parse_timestamp({text, 19}).has_value(), is_time && count == 14) << text;
    }
}

TEST(Value, DatesCountFrom2000) {
    EXPECT_EQ(parse_date("2000-01-01"), 0);
    EXPECT_EQ(parse_date("1999-12-31"), -1);
    EXPECT_EQ(parse_date("1970-01-01"), -10957);
    EXPECT_EQ(parse_date("0001-01-01"), -730119);
    EXPECT_EQ(parse_date("9999-12-31"), 2921939);
    EXPECT_EQ(parse_date("2024-02-29"), 8825);
    for (const char *wrong :
         {"2023-02-29", "1900-02-29", "2024-04-31", "0000-01-01", "2024-1-01", "2024-13-01", "20240101", ""})
        EXPECT_EQ(parse_date(wrong), std::nullopt) << wrong;
}

TEST(Value, TimestampsAreMicroseconds) {
    EXPECT_EQ(parse_timestamp("2000-01-01 00:00:01.5"), 1'500'000);
    EXPECT_EQ(parse_timestamp("1999-12-31T23:59:59.999999"), -1);
    EXPECT_EQ(parse_timestamptz("2000-01-01 01:00:00+01"), 0);
    EXPECT_EQ(parse_timestamptz("2000-01-01 00:00-00:30"), 1'800'000'000);
    for (const char *rare :
         {"2000-01-01 24:00:00", "2000-01-01 00:00:60", "2000-01-01 00:00:00.1234567", "2000-01-01 ", "2000-01-01 00"})
        EXPECT_EQ(parse_timestamp(rare), std::nullopt) << rare;
    EXPECT_EQ(parse_timestamptz("2000-01-01 00:00:00"), std::nullopt);
}

TEST(Value, NumericsHaveTheServersForm) {
    using form = std::vector<std::uint16_t>;
    EXPECT_EQ(words("0"), (form{0x8000}));
    EXPECT_EQ(words("-0.00"), (form{0x8100}));
    EXPECT_EQ(words("12345"), (form{0x8001, 1, 2345}));
    EXPECT_EQ(words("-1.5"), (form{0xA080, 1, 5000}));
    EXPECT_EQ(words("0.0001"), (form{0x8200 | 0x7F, 1}));
    EXPECT_EQ(words("10000"), (form{0x8001, 1}));
    for (const char *rare : {"", "-", ".5", "5.", "+1", "1e5", "NaN", "1.5.5", " 1"})
        EXPECT_TRUE(words(rare).empty()) << rare;
}

TEST(Value, UuidsOfEitherCase) {
    unsigned char a[16], b[16];
    ASSERT_TRUE(parse_uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", a));
    ASSERT_TRUE(parse_uuid("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", b));
    EXPECT_EQ(0, std::memcmp(a, b, 16));
    EXPECT_EQ(a[0], 0xA0);
    EXPECT_EQ(a[15], 0x11);
    EXPECT_FALSE(parse_uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", a));
    EXPECT_FALSE(parse_uuid("a0eebc99x9c0b-4ef8-bb6d-6bb9bd380a11", a));
}

// The sanitizers look for what is read or written outside.
TEST(Value, AnyTextIsReadOrLeftToTheServer) {
    std::mt19937 random(7);
    const std::string letters = "0123456789-+.: TZe";
    for (int i = 0; i < 200'000; ++i) {
        std::string text(random() % 40, '0');
        for (char &c : text)
            c = letters[random() % letters.size()];
        std::vector<char> exact(text.begin(), text.end()); // no terminating NUL to run into
        const std::string_view view(exact.data(), exact.size());
        parse_integer(view, INT64_MIN, INT64_MAX);
        parse_float8(view);
        parse_boolean(view);
        parse_date(view);
        parse_timestamp(view);
        parse_timestamptz(view);
        std::vector<unsigned char> room(numeric_room(view.size()));
        pack_numeric(view, room.data());
        unsigned char uuid[16];
        parse_uuid(view, uuid);
    }
    const std::string longest = std::string(998, '9') + "." + std::string(999, '9');
    std::vector<unsigned char> room(numeric_room(1000));
    EXPECT_GT(pack_numeric(std::string_view(longest).substr(0, 1000), room.data()), 0u);
    EXPECT_EQ(pack_numeric(std::string_view(longest), room.data()), 0u);
}
