#include "core/value/format.h"
#include "core/value/parse.h"
#include "core/value/refuse.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

using namespace barometre::value;

namespace {

std::string fault_of(const std::string &pattern) {
    try {
        time_format unused(pattern);
    } catch (const std::invalid_argument &fault) {
        return fault.what();
    }
    return {};
}

std::string number(std::string_view text, char decimal = ',') {
    std::string to = "left over";
    const bool good = plain_number(text, decimal, to);
    EXPECT_EQ(good, !to.empty()) << text;
    return to;
}

std::string refused(kind type, std::string_view text) {
    const char *code = surely_refused(type, text);
    return code ? code : "";
}

constexpr kind all_kinds[] = {kind::smallint, kind::integer, kind::bigint,    kind::numeric,     kind::float8,
                              kind::boolean,  kind::date,    kind::timestamp, kind::timestamptz, kind::uuid};

/// A view of bytes that nothing follows, so that the sanitizers see what is read beyond.
struct exactly {
    explicit exactly(const std::string &text) : bytes(text.begin(), text.end()) {}
    std::string_view view() const { return {bytes.data(), bytes.size()}; }
    std::vector<char> bytes;
};

} // namespace

TEST(Format, DaysAndTimes) {
    EXPECT_EQ(time_format("DD/MM/YYYY").parse("31/12/1999"), parse_timestamp("1999-12-31"));
    EXPECT_EQ(time_format("DD/MM/YYYY").parse(" 1/2/2023\t"), parse_timestamp("2023-02-01"));
    EXPECT_EQ(time_format("dd/mm/yyyy hh24:mi").parse("01/02/2023 9:05"), parse_timestamp("2023-02-01 09:05"));
    EXPECT_EQ(time_format("YYYYMMDD").parse("20240229"), parse_timestamp("2024-02-29"));
    EXPECT_EQ(time_format("YYYY-MM-DDTHH24:MI:SS").parse("2023-02-01T23:59:59"),
              parse_timestamp("2023-02-01 23:59:59"));
    EXPECT_EQ(time_format("YYYYMMDDTHHMISS").parse("20230201T235959"), parse_timestamp("2023-02-01 23:59:59"));
    EXPECT_EQ(time_format("DD/MM/YYYY \"\xC3\xA0\" HH24\"h\"MI").parse("01/02/2023 \xC3\xA0 7h30"),
              parse_timestamp("2023-02-01 07:30"));
    EXPECT_EQ(time_format("YYYY-MM-DD HH24:MI:SS,MS").parse("2023-02-01 00:00:00,5"),
              parse_timestamp("2023-02-01 00:00:00.5"));
    EXPECT_EQ(time_format("YYYY-MM-DD HH24:MI:SS.US").parse("2023-02-01 00:00:00.000012"),
              parse_timestamp("2023-02-01 00:00:00.000012"));
    EXPECT_EQ(time_format("YYYY-MM").parse("2023-02"), parse_timestamp("2023-02-01"));
    EXPECT_EQ(time_format("YYYY").parse("2023"), parse_timestamp("2023-01-01"));
    EXPECT_EQ(time_format("\" \"DD.MM.YYYY\" \"").parse("01.02.2023"), parse_timestamp("2023-02-01"));
    EXPECT_EQ(time_format("DD/MM/YYYY")
                  .parse("\xC2\xA0"
                         "01/02/2023\xE2\x80\xAF"),
              parse_timestamp("2023-02-01"));
    EXPECT_TRUE(time_format("YYYY-MM-DD HH24").has_time());
    EXPECT_FALSE(time_format("DD/MM/YY").has_time());
}

TEST(Format, YearsOfTwoDigits) {
    const time_format format("DD/MM/YY");
    EXPECT_EQ(format.parse("01/01/00"), 0);
    EXPECT_EQ(format.parse("31/12/69"), parse_timestamp("2069-12-31"));
    EXPECT_EQ(format.parse("01/01/70"), parse_timestamp("1970-01-01"));
    EXPECT_EQ(format.parse("31/12/99"), parse_timestamp("1999-12-31"));
    EXPECT_EQ(format.parse("01/01/1999"), std::nullopt);
    EXPECT_EQ(format.parse("01/01/9"), std::nullopt);
}

TEST(Format, WhatIsNotWrittenSo) {
    const time_format date("DD/MM/YYYY"), compact("YYYYMMDD"), time("DD/MM/YYYY HH24:MI:SS.MS");
    for (const char *wrong : {"", " ", "2023-02-01", "01/02/23", "01-02-2023", "001/02/2023", "/02/2023", "30/02/2023",
                              "00/01/2023", "01/13/2023", "01/01/0000", "01/02/2023 10:00", "01/02/2023x",
                              "x01/02/2023", "0 1/02/2023", "01/02/20231", "-1/02/2023"})
        EXPECT_EQ(date.parse(wrong), std::nullopt) << wrong;
    EXPECT_EQ(date.parse("31/12/9999"), parse_timestamp("9999-12-31"));
    EXPECT_EQ(date.parse("01/01/0001"), parse_timestamp("0001-01-01"));
    for (const char *wrong : {"2023021", "2023 0201", "202302011", "20230230"})
        EXPECT_EQ(compact.parse(wrong), std::nullopt) << wrong;
    for (const char *wrong : {"24:00:00.1", "24:01:00.0", "24:00:60.0", "25:00:00.0", "23:60:00.0", "23:59:61.0",
                              "23:59:59", "23:59:59.", "23:59:59.1234", "23:59:59,1"})
        EXPECT_EQ(time.parse("01/02/2023 " + std::string(wrong)), std::nullopt) << wrong;
    EXPECT_EQ(time.parse("28/02/2023 24:00:00.0"), parse_timestamp("2023-03-01"));
    EXPECT_EQ(time.parse("28/02/2023 24:00:00.0", true), parse_timestamp("2023-02-28"));
    EXPECT_EQ(time.parse("28/02/2023 23:59:60.5"), parse_timestamp("2023-03-01 00:00:00.5"));
    EXPECT_EQ(time_format("DD0MM0YYYY").parse("10202023"), std::nullopt);
    EXPECT_EQ(time_format("DD0MM0YYYY").parse("0100200222"), parse_timestamp("0222-02-01"));
}

TEST(Format, WrongPatternsSayWhy) {
    const std::string known = " is no pattern (known are YYYY, YY, MM, DD, HH24, HH, MI, SS, MS, US)";
    EXPECT_EQ(fault_of("XX"), "\"XX\"" + known);
    EXPECT_EQ(fault_of("DD/Mon/YYYY"), "\"Mon\"" + known);
    EXPECT_EQ(fault_of("YYYY-MM-DD HH12:MI"), "\"HH12\"" + known);
    EXPECT_EQ(fault_of("YYYY-MM-DD\xC3\xA0x"), "\"x\"" + known);
    EXPECT_EQ(fault_of("YYY"), "\"Y\"" + known);
    EXPECT_EQ(fault_of("YYYY-MM-DD \"h"), "a double quote is not closed");
    EXPECT_EQ(fault_of("dd/MM/yyyy hh:mm"), "the month (MM) stands twice");
    EXPECT_EQ(fault_of("YYYY YY"), "the year (YYYY or YY) stands twice");
    EXPECT_EQ(fault_of(""), "the year (YYYY or YY) is missing");
    EXPECT_EQ(fault_of("HH24:MI"), "the year (YYYY or YY) is missing");
    EXPECT_EQ(fault_of("DD YYYY"), "the month (MM) is missing");
    EXPECT_EQ(fault_of("YYYY-MM-DD SS"), "the hour (HH24) is missing");
    EXPECT_EQ(fault_of("YYYY-MM-DD HH24:MI.US"), "the second (SS) is missing");
    EXPECT_EQ(fault_of("YYYY-MM-DD HH24:MI:SSMS"), "no separator stands before MS");
    EXPECT_EQ(fault_of("YYYY-MM-DD\"\"HH24"), "");
}

TEST(Format, NumbersOfOtherCountries) {
    EXPECT_EQ(number("1 234 567,50"), "1234567.50");
    EXPECT_EQ(number("1\xC2\xA0"
                     "234\xE2\x80\xAF"
                     "567\xE2\x80\x89"
                     "890"),
              "1234567890");
    EXPECT_EQ(number("\xC2\xA0 -12,5\xE2\x80\xAF"), "-12.5");
    EXPECT_EQ(number("+7"), "7");
    EXPECT_EQ(number("\xE2\x88\x92"
                     "1 000"),
              "-1000");
    EXPECT_EQ(number(",5"), "0.5");
    EXPECT_EQ(number("-,5"), "-0.5");
    EXPECT_EQ(number("1234567"), "1234567");
    EXPECT_EQ(number("1 234.5", '.'), "1234.5");
    for (const char *wrong :
         {"",       " ",       "-",        ",",         "12,",   "1.5",      "1,5,5", "1 23",  "1234 567",
          "1  234", "12 3456", "1 234 ,5", "1,234 567", "- 5",   "--5",      "5-",    "1'234", "1.234,5",
          "1e5",    "1,5e3",   "abc",      "1\t234",    "1\xC2", "\xE2\x88", " 234,x"})
        EXPECT_EQ(number(wrong), "") << wrong;
    EXPECT_EQ(number("1,5", '.'), "");
    std::string grouped = "999", plain = "999";
    for (int i = 0; i < 300; ++i) {
        grouped += " 123";
        plain += "123";
    }
    EXPECT_EQ(number(grouped), plain);
}

TEST(Format, FrenchBooleans) {
    for (const char *yes : {"oui", "OUI", " Oui ", "vrai", "\xC2\xA0Vrai"})
        EXPECT_EQ(french_boolean(yes), true) << yes;
    for (const char *no : {"non", "Non", "faux", "FAUX\n"})
        EXPECT_EQ(french_boolean(no), false) << no;
    for (const char *other : {"", " ", "o", "ou", "ouii", "true", "no", "yes", "1", "vrai faux"})
        EXPECT_EQ(french_boolean(other), std::nullopt) << other;
}

TEST(Refuse, Integers) {
    for (kind type : {kind::smallint, kind::integer, kind::bigint}) {
        for (const char *wrong : {"", " ", "-", "+", "abc", "N/A", "12,5", "1.5", "1 2", "--1", "+-1", "1e2", "0x1",
                                  "\xC2\xA0"
                                  "1",
                                  "1\xC2\xA0"})
            EXPECT_EQ(refused(type, wrong), "22P02") << wrong;
        for (const char *good : {"0", "-0", " +7\v", "\t-12\n", "000000000000000000000000000001"})
            EXPECT_EQ(refused(type, good), "") << good;
        EXPECT_EQ(refused(type, "99999999999999999999"), "22003");
        EXPECT_EQ(refused(type, "99999999999999999999x"), "22003"); // as the server: it stops counting first
    }
    EXPECT_EQ(refused(kind::smallint, "-32768"), "");
    EXPECT_EQ(refused(kind::smallint, "32768"), "22003");
    EXPECT_EQ(refused(kind::smallint, "32768x"), "22P02");
    EXPECT_EQ(refused(kind::integer, "2147483647"), "");
    EXPECT_EQ(refused(kind::integer, "-2147483649"), "22003");
    EXPECT_EQ(refused(kind::bigint, "-9223372036854775808"), "");
    EXPECT_EQ(refused(kind::bigint, "9223372036854775808"), "22003");
    EXPECT_EQ(refused(kind::bigint, "-9223372036854775809"), "22003");
}

TEST(Refuse, Numbers) {
    for (kind type : {kind::numeric, kind::float8}) {
        for (const char *wrong : {"", " ", "-", "abc", "N/A", "12,5", "1 2", ".", "1.5.5", "e5", "1e", "1e+", "infinit",
                                  "in", "1_0", "NULL"})
            EXPECT_EQ(refused(type, wrong), "22P02") << wrong;
        for (const char *good : {"1.5", " -.5 ", "5.", "+1E-5", "NaN", "nan ", "inf", "-Infinity", "+INF"})
            EXPECT_EQ(refused(type, good), "") << good;
    }
    for (const char *of_floats : {"0x1p3", "-nan", "nan(1)"}) {
        EXPECT_EQ(refused(kind::float8, of_floats), "") << of_floats;
        EXPECT_EQ(refused(kind::numeric, of_floats), "22P02") << of_floats;
    }
    EXPECT_EQ(refused(kind::float8, "1e 5"), "22P02");
    EXPECT_EQ(refused(kind::numeric, "1e 5"), "");
    EXPECT_EQ(refused(kind::float8, "1e400"), "22003");
    EXPECT_EQ(refused(kind::float8, "1e-400"), "22003");
    EXPECT_EQ(refused(kind::float8, "1e-320"), "");
    for (const char *large :
         {"1e131072", "10e131071", "1e-16384", "0e-16384", "1e1073741823", "1e99999999999999999999x"})
        EXPECT_EQ(refused(kind::numeric, large), "22003") << large;
    for (const char *good : {"1e131071", "0e1000000", "0.01e131073", "1e-16383"})
        EXPECT_EQ(refused(kind::numeric, good), "") << good;
    EXPECT_EQ(refused(kind::numeric, std::string(131072, '9')), "");
    EXPECT_EQ(refused(kind::numeric, std::string(131073, '9')), "22003");
    EXPECT_EQ(refused(kind::numeric, "." + std::string(16384, '0')), "22003");
}

TEST(Refuse, BooleansAndUuids) {
    for (const char *good : {"t", "TRUE", "f", "fal", "y", "ye", "n", "no", "on", "of", "off", "1", "0", " true\n"})
        EXPECT_EQ(refused(kind::boolean, good), "") << good;
    for (const char *wrong : {"", " ", "o", "oui", "non", "vrai", "truee", "10", "00", "N/A", "t f", "-"})
        EXPECT_EQ(refused(kind::boolean, wrong), "22P02") << wrong;
    for (const char *good : {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
                             "{a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11}"})
        EXPECT_EQ(refused(kind::uuid, good), "") << good;
    for (const char *wrong : {"", "{}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
                              " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                              "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0-eebc999c0b4ef8bb6d6bb9bd380a11",
                              "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
                              "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"})
        EXPECT_EQ(refused(kind::uuid, wrong), "22P02") << wrong;
}

TEST(Refuse, DaysAndTimes) {
    for (kind type : {kind::date, kind::timestamp, kind::timestamptz}) {
        for (const char *wrong : {"", " ", "-", "--", "?", ".", "abc", "N/A", "n.d.", "oui", "unknown", "Mon", "BC",
                                  "Europe/Paris", "allballs", "12 f\xC3\xA9vrier 2023",
                                  "1\xC2\xA0"
                                  "000",
                                  "lundi, mardi"})
            EXPECT_EQ(refused(type, wrong), "22007") << wrong;
        for (const char *wrong : {"2023-02-30", "2023-13-01", "0000-01-01", "2023-1-32", "2023/02/30", "2023.02.30",
                                  " 2023-02-30 ", "31/02/2023", "31.4.2023", "13-13-2023", "2023-02-30 10:00",
                                  "2023-02-30T10:00:00.5Z", "31/02/2023 10:00:00+02:30"})
            EXPECT_EQ(refused(type, wrong), "22008") << wrong;
        for (const char *perhaps : {"2023-02-28", "31/12/2023",    "12/31/2023",     "01/02/03",
                                    "31/31/0012", "2023-02-30 BC", "2023-02-30 x",   "2023-02-30 25:00",
                                    "2023-366",   "20230230",      "0004-02-29 BC",  "epoch",
                                    "-infinity",  "Now",           "today allballs", "at, TOMORROW",
                                    "J2451187",   "d a/b",         "12,5",           "1.5",
                                    "99",         "2023-02/30",    "2023-002-30",    "32/01/23"})
            EXPECT_EQ(refused(type, perhaps), "") << perhaps;
    }
}

// What the fast readers take, the server takes; and nothing is read outside.
TEST(Refuse, NothingThatIsReadFast) {
    const std::vector<std::string> good = {"-32768",
                                           "2147483648",
                                           "12.50",
                                           "1e300",
                                           "true",
                                           "0",
                                           "2024-02-29",
                                           "2023-12-31 23:59:59.5",
                                           "2023-02-28T10:00:00+02:00",
                                           "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                           "31/02/2023",
                                           "N/A",
                                           "+infinity",
                                           "0x1p3"};
    const std::string letters = "0123456789-+.,:/ TZeainfx\t{}\xC3\xA9";
    const time_format format("DD/MM/YYYY HH24:MI:SS.US");
    std::mt19937 random(11);
    std::string to;
    for (int i = 0; i < 200'000; ++i) {
        std::string text = good[random() % good.size()];
        for (auto edits = random() % 4; edits > 0; --edits) {
            const std::size_t at = random() % (text.size() + 1);
            if (random() % 2 || at == text.size())
                text.insert(at, 1, letters[random() % letters.size()]);
            else if (random() % 2)
                text[at] = letters[random() % letters.size()];
            else
                text.erase(at, 1);
        }
        const exactly copy(text);
        const std::string_view view = copy.view();
        auto agree = [&](kind type, bool read) { EXPECT_FALSE(read && surely_refused(type, view)) << text; };
        agree(kind::smallint, parse_integer(view, INT16_MIN, INT16_MAX).has_value());
        agree(kind::integer, parse_integer(view, INT32_MIN, INT32_MAX).has_value());
        agree(kind::bigint, parse_integer(view, INT64_MIN, INT64_MAX).has_value());
        agree(kind::float8, parse_float8(view).has_value());
        agree(kind::boolean, parse_boolean(view).has_value());
        agree(kind::date, parse_date(view).has_value());
        agree(kind::timestamp, parse_timestamp(view).has_value());
        agree(kind::timestamptz, parse_timestamptz(view).has_value());
        unsigned char uuid[16];
        agree(kind::uuid, parse_uuid(view, uuid));
        std::vector<unsigned char> room(numeric_room(view.size()));
        agree(kind::numeric, pack_numeric(view, room.data()) > 0);
        for (kind type : all_kinds)
            surely_refused(type, view);
        format.parse(view);
        french_boolean(view);
        if (plain_number(view, ',', to)) {
            EXPECT_EQ(refused(kind::numeric, to), "") << text;
            EXPECT_NE(pack_numeric(to, room.data()), 0u) << text;
        }
    }
}

TEST(Format, EveryDayIsReadBack) {
    const time_format format("DD/MM/YYYY HH24.MI.SS,US");
    std::mt19937 random(5);
    for (unsigned year = 1; year <= 9999; year += 1 + random() % 3)
        for (int i = 0; i < 10; ++i) {
            const unsigned month = random() % 14, day = random() % 33, hour = random() % 25, minute = random() % 61,
                           second = random() % 61, micros = random() % 1'000'000;
            char written[64], iso[64];
            std::snprintf(written, sizeof written, "%02u/%02u/%04u %02u.%02u.%02u,%06u", day, month, year, hour, minute,
                          second, micros);
            std::snprintf(iso, sizeof iso, "%04u-%02u-%02u %02u:%02u:%02u.%06u", year, month, day, hour, minute,
                          std::min(second, 59u), micros);
            auto wanted = parse_timestamp(iso);
            if (wanted && second == 60)
                *wanted += 1'000'000;
            EXPECT_EQ(format.parse(exactly(written).view()), wanted) << written;
            EXPECT_EQ(refused(kind::date, std::string(iso, 10)).empty(), day_number(year, month, day).has_value())
                << iso;
        }
}

TEST(Format, WhereThePartsStand) {
    auto layout_of = [](const std::string &pattern) {
        const auto layout = time_format(pattern).full_layout();
        std::string out = std::to_string(layout.length);
        for (const auto &place : layout.places)
            out += " " + std::to_string(place.at) + "+" + std::to_string(place.digits);
        return out;
    };
    EXPECT_EQ(layout_of("YYYY-MM-DD"), "10 0+4 5+2 8+2");
    EXPECT_EQ(layout_of("DD/MM/YYYY HH24:MI"), "16 6+4 3+2 0+2 11+2 14+2");
    EXPECT_EQ(layout_of("DD.MM.YY"), "8 6+2 3+2 0+2");
    EXPECT_EQ(layout_of("\"le \"DD/MM/YYYY\" à \"HH\"h\"MI.SS,MS"), "28 9+4 6+2 3+2 16+2 19+2 22+2 25+3");
}
