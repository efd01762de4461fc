#include "core/value/fault.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace barometre::value;

namespace {

using form = shape::form;

shape plain(kind type) { return {.type = type}; }
shape holder(form is, const shape &part) { return {.is = is, .parts = {part}}; }

fault of(kind type, std::string_view text, date_order order = date_order::none) { return fault_of(type, text, order); }

} // namespace

TEST(Fault, WordsThatMeanAnotherDayTomorrowAreNoTimes) {
    for (const char *word : {"today",
                             "now",
                             "tomorrow",
                             "yesterday",
                             "allballs",
                             "epoch",
                             "NOW",
                             " Today ",
                             "J2451187",
                             "JD2451187",
                             "julian 2451187",
                             "today 10:00",
                             "today allballs",
                             "2026-03-05 allballs",
                             "now()",
                             "2026-064",
                             "2026.064",
                             "y2026m03d05",
                             "2026-03-05 Europe/Paris",
                             "",
                             "z"})
        for (date_order order : {date_order::none, date_order::dmy, date_order::mdy, date_order::ymd})
            for (kind type : {kind::date, kind::timestamp, kind::timestamptz, kind::time, kind::timetz})
                EXPECT_EQ(of(type, word, order), fault::form) << word;
}

TEST(Fault, DatesThatBeginWithTheirYearAreReadInAnyOrder) {
    for (const char *text : {"2026-03-05", "2026/03/05", "2026.03.05", "2026-3-5", "20260305", "12026-03-05",
                             "0044-03-15 BC", "infinity", "-infinity", "Infinity", " 2026-03-05\t", "2026-03-05 10:15",
                             "2026-03-05T10:15:30", "2026-03-05  9:15:30.123456789", "20260305T101530.5",
                             "2026-03-05T1015", "20260305 10:15", "2026-03-05 24:00:00"})
        for (date_order order : {date_order::none, date_order::dmy, date_order::ymd})
            for (kind type : {kind::date, kind::timestamp, kind::timestamptz})
                EXPECT_EQ(of(type, text, order), fault::none) << text;
    for (const char *text : {"2026-03/05", "2026-03", "2026-W10-4", "260305", "2026305", "2026-03-05 10", "2026-03-05T",
                             "2026-03-05 01:15.5", "2026-03-05 10:15:00,5", "2026-03-05 1015", "2026-03-05x",
                             "2026-03-05 10:15 PM", "05-Mar-2026", "5 March 2026"})
        EXPECT_EQ(of(kind::timestamp, text), fault::form) << text;
}

TEST(Fault, DatesWithoutAnOrderAreNotReadMonthFirst) {
    for (const char *text :
         {"05/12/2026", "5/12/26", "05.12.2026", "05-12-2026", "05/12/2026 10:15", "25/12/2026", "26/12/05",
          "05-Mar-2026", "5 March 2026", "March 5, 2026", "Thu 5 Mar 2026", "Thursday, March 5, 2026 10:15 PM"}) {
        EXPECT_EQ(of(kind::date, text), fault::form) << text;
        EXPECT_EQ(of(kind::timestamp, text), fault::form) << text;
        EXPECT_EQ(of(kind::timestamp, text, date_order::dmy), fault::none) << text; // the days are the server's
        EXPECT_EQ(of(kind::timestamptz, std::string(text) + (text[0] == 'T' ? " Z" : ""), date_order::mdy),
                  text[0] == 'T' && text[3] == ' ' ? fault::form : fault::none)
            << text;
    }
    EXPECT_EQ(of(kind::date, "5 mars 2026", date_order::dmy), fault::form);
    EXPECT_EQ(of(kind::date, "05/12", date_order::dmy), fault::form);
}

TEST(Fault, AnOffsetIsNotDroppedAndNotMadeUp) {
    for (const char *offset : {"Z", "z", " Z", "+02", "+02:00", "-0230", " +02:30", "+00:09:21", "UTC", " utc", "+2"}) {
        const std::string text = "2026-10-25 02:30" + std::string(offset);
        EXPECT_EQ(of(kind::timestamptz, text), fault::none) << text;
        EXPECT_EQ(of(kind::timestamp, text), fault::offset) << text;
        EXPECT_EQ(of(kind::timestamp, text, date_order::dmy), fault::offset) << text;
        EXPECT_EQ(of(kind::date, text), fault::offset) << text;
        EXPECT_EQ(of(kind::time, "02:30" + std::string(offset)), fault::offset) << text;
        EXPECT_EQ(of(kind::timetz, "02:30" + std::string(offset)), fault::none) << text;
    }
    EXPECT_EQ(of(kind::timestamptz, "2026-10-25 02:30"), fault::none); // the project's time zone
    EXPECT_EQ(of(kind::timetz, "02:30"), fault::no_offset);
    EXPECT_EQ(of(kind::timestamptz, "0044-03-15 10:00:00+00:09:21 BC"), fault::none);
    EXPECT_EQ(of(kind::timestamptz, "2026-10-25 02:30 CET"), fault::form);
    EXPECT_EQ(of(kind::timestamp, "2026-10-25 02:30 Europe/Paris"), fault::form);
    for (const char *broken :
         {"2026-10-25 02:30+", "2026-10-25 02:30+02:", "2026-10-25 02:30+02:00:", "2026-10-25 02:30-0:"})
        EXPECT_EQ(of(kind::timestamptz, broken), fault::form) << broken;
}

TEST(Fault, TimesOfDay) {
    for (const char *text : {"10:15", "9:05", "10:15:30", "10:15:30.5", "24:00", "10:15 PM", "10:15pm", "101530"})
        EXPECT_EQ(of(kind::time, text), fault::none) << text;
    for (const char *text : {"10", "1015", "10:5", "10:15.5", "2026-03-05 10:15", "infinity", "now"})
        EXPECT_EQ(of(kind::time, text), fault::form) << text;
}

TEST(Fault, NumbersInNotationsOfLaterServers) {
    for (const char *text : {"0x10", "1_000", "-0X1F", "0o17", "0b1", " +0x1p3", "1_0.5"})
        for (kind type : {kind::smallint, kind::bigint, kind::numeric, kind::float4, kind::float8})
            EXPECT_EQ(of(type, text), fault::notation) << text;
    for (const char *text : {"0", "-0", "010", "0e1", "0.5", "1e5", "NaN", "Infinity", "", "-"})
        EXPECT_EQ(of(kind::float8, text), fault::none) << text;
}

TEST(Fault, IsFoundWithinOtherValues) {
    const shape dates = holder(form::array, plain(kind::date)), range = holder(form::range, plain(kind::timestamp)),
                ranges = holder(form::multirange, range),
                row{.is = form::row, .parts = {shape{}, plain(kind::date), plain(kind::integer)}},
                rows = holder(form::array, row);
    const auto within = [](const shape &type, std::string_view text, date_order order = date_order::none) {
        return fault_within(type, text, order);
    };
    for (const char *text :
         {"{}", "{2026-03-05}", "{2026-03-05, \"2026-03-06\" ,NULL,null}", "[2:3]={2026-03-05,2026-03-06}",
          "{{2026-03-05},{infinity}}", "{\"\"}", "{", "", "x", "{2026-03-05"})
        EXPECT_EQ(within(dates, text), fault::none) << text;
    for (const char *text :
         {"{today}", "{\"now\"}", "{tod\\ay}", "{2026-03-05,05/12/2026}", "{{2026-03-05},{\"to\\day\"}}",
          "[1:1]={today}", "{ today }", "{2026-03-05T00:00Z,NULL}", "{NULL,today"})
        EXPECT_NE(within(dates, text), fault::none) << text;
    EXPECT_EQ(within(dates, "{05/12/2026}", date_order::dmy), fault::none);
    for (const char *text :
         {"empty", "[,]", "[2026-03-05,)", "(\"2026-03-05 10:15\",\"2026-03-06 10:15\"]", "[infinity,]", "["})
        EXPECT_EQ(within(range, text), fault::none) << text;
    EXPECT_EQ(within(range, "[today,tomorrow]"), fault::form);
    EXPECT_EQ(within(range, "[2026-03-05,\"no\"\"w\")"), fault::form);
    EXPECT_EQ(within(range, "[,now)"), fault::form);
    EXPECT_EQ(within(range, "[\"2026-10-25 02:30+01\",)"), fault::offset);
    EXPECT_EQ(within(ranges, "{[2026-03-05,2026-03-06),[2026-03-07,)}"), fault::none);
    EXPECT_EQ(within(ranges, "{[2026-03-05,2026-03-06),[2026-03-07,today)}"), fault::form);
    EXPECT_EQ(within(row, "(today,2026-03-05,1)"), fault::none); // the first is a text
    EXPECT_EQ(within(row, "(\"a,b\",,)"), fault::none);
    EXPECT_EQ(within(row, "(\"a,\"\"b\",today,1)"), fault::form);
    EXPECT_EQ(within(row, "(a,2026-03-05,0x10)"), fault::notation);
    EXPECT_EQ(within(rows, "{\"(\\\"a,b\\\",2026-03-05,1)\"}"), fault::none);
    EXPECT_EQ(within(rows, "{\"(\\\"a,b\\\",now,1)\"}"), fault::form);
    EXPECT_FALSE(holder(form::array, shape{}).can_have_fault());
    EXPECT_EQ(within({.is = form::array, .delimiter = ';', .parts = {plain(kind::integer)}}, "{1;0x2}"),
              fault::notation);
}

TEST(Fault, BothReadingsOfADateAreOffered) {
    const auto offered = [](std::string_view text) {
        const auto formats = formats_for(text);
        return formats ? (*formats)[0] + ", " + (*formats)[1] : "";
    };
    EXPECT_EQ(offered("05/12/2026"), "DD/MM/YYYY, MM/DD/YYYY");
    EXPECT_EQ(offered("5.12.26"), "DD.MM.YY, MM.DD.YY");
    EXPECT_EQ(offered("05-12-2026 10:15"), "DD-MM-YYYY HH24:MI, MM-DD-YYYY HH24:MI");
    EXPECT_EQ(offered("05/12/2026 10:15:30"), "DD/MM/YYYY HH24:MI:SS, MM/DD/YYYY HH24:MI:SS");
    EXPECT_EQ(offered("05/12/2026 10:15:30.5"), "DD/MM/YYYY HH24:MI:SS.US, MM/DD/YYYY HH24:MI:SS.US");
    for (const char *text : {"2026-03-05", "today", "5 March 2026", "05/12/2026 10:15 PM", "05/12/2026 10:15Z", ""})
        EXPECT_EQ(offered(text), "") << text;
}

TEST(Fault, AnyTextIsLookedAt) {
    std::mt19937 random(11);
    const std::string letters = "0123456789-+/.: TZ{}[](),\"\\todaynw_x";
    const shape row{.is = form::row, .parts = {plain(kind::date), holder(form::array, plain(kind::integer))}};
    for (int i = 0; i < 100'000; ++i) {
        std::string text(random() % 24, '0');
        for (char &c : text)
            c = letters[random() % letters.size()];
        std::vector<char> exact(text.begin(), text.end()); // nothing behind it to run into
        const std::string_view view(exact.data(), exact.size());
        of(kind::timestamptz, view, date_order::dmy);
        of(kind::timetz, view);
        of(kind::float8, view);
        formats_for(view);
        for (const shape &type :
             {holder(form::array, row), holder(form::multirange, holder(form::range, plain(kind::date)))})
            fault_within(type, view, date_order::mdy);
    }
}
