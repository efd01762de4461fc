#include "core/error.h"
#include "core/schedule/timetable.h"
#include "zone_rules.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace barometre;
using schedule::timetable;
using std::chrono::days;
using std::chrono::sys_days;

namespace {

using instants = std::vector<std::int64_t>;
using zone_rule = std::int64_t (*)(std::int64_t);
constexpr std::int64_t day_length = 86400;

const std::pair<const char *, zone_rule> zones[] = {
    {"UTC", zone::utc},
    {"Europe/Paris", zone::paris},
    {"America/St_Johns", zone::st_johns},
    {"Asia/Kolkata", zone::kolkata},
    {"Australia/Lord_Howe", zone::lord_howe},
    {"America/St_Johns in 2010", zone::st_johns_of_2010},
};

std::int64_t utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
    return schedule::seconds_of(sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day))) +
           hour * 3600 + minute * 60;
}

timetable at(const std::string &interval, zone_rule rule) {
    return timetable(*schedule::parse_interval(interval), rule);
}

/// All due minutes from `from` on, before `to`, asked one by one.
instants due(const timetable &t, std::int64_t from, std::int64_t to) {
    instants out;
    for (; from < to; from += 60)
        if (t.is_due(from))
            out.push_back(from);
    return out;
}

/// The same by next_due.
instants in_turn(const timetable &t, std::int64_t from, std::int64_t to) {
    instants out;
    for (auto next = t.next_due(from - 1); next && *next < to; next = t.next_due(*next))
        out.push_back(*next);
    return out;
}

/// "2025-03-30 02:30" as the clocks of the zone show it.
std::string shown(std::int64_t instant, zone_rule rule) {
    const std::int64_t local = instant + rule(instant);
    const std::chrono::year_month_day date(schedule::day_of(local));
    const int minute = static_cast<int>((local - schedule::seconds_of(schedule::day_of(local))) / 60);
    char text[32];
    std::snprintf(text, sizeof text, "%d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minute / 60, minute % 60);
    return text;
}

std::vector<std::string> shown(const instants &all, zone_rule rule) {
    std::vector<std::string> out;
    for (std::int64_t one : all)
        out.push_back(shown(one, rule));
    return out;
}

error refusal(const std::string &interval) {
    try {
        schedule::parse_interval(interval);
    } catch (const error &e) {
        return e;
    }
    return error("00000", "no error");
}

/// Whether a cron that knows only GMT would wake up.
bool wakes(const schedule::cron_expression &gmt, std::int64_t instant) {
    const int minute = static_cast<int>((instant - schedule::seconds_of(schedule::day_of(instant))) / 60);
    return gmt.matches(schedule::day_of(instant)) && gmt.matches(minute / 60, minute % 60);
}

} // namespace

TEST(CronExpression, TheNamedIntervals) {
    const std::map<std::string, std::string> expected = {{"@hourly", "2025-01-01 00:30"},
                                                         {"@daily", "2025-01-02 00:00"},
                                                         {"@weekly", "2025-01-05 01:00"},
                                                         {"@monthly", "2025-01-01 02:00"},
                                                         {"@yearly", "2025-01-01 03:00"}};
    for (const auto &[interval, first] : expected)
        EXPECT_EQ(shown(*at(interval, zone::utc).next_due(utc(2025, 1, 1)), zone::utc), first) << interval;
    EXPECT_FALSE(schedule::parse_interval("@once"));
    EXPECT_EQ(shown(in_turn(at("@weekly", zone::paris), utc(2025, 1, 1), utc(2025, 1, 15)), zone::paris),
              (std::vector<std::string>{"2025-01-05 01:00", "2025-01-12 01:00"}));
}

TEST(CronExpression, ListsRangesStepsAndNames) {
    const schedule::cron_expression e("1,5-7,*/20,50-59/3  */8 1-3 JAN,mar-apr,12 mon-Fri,7");
    std::set<int> minutes;
    for (int m = 0; m < 60; ++m)
        if (e.minutes()[static_cast<std::size_t>(m)])
            minutes.insert(m);
    EXPECT_EQ(minutes, (std::set<int>{0, 1, 5, 6, 7, 20, 40, 50, 53, 56, 59}));
    EXPECT_EQ(e.hours().to_string(), "000000010000000100000001");
    EXPECT_EQ(e.weekdays().to_string(), "0111111"); // from Saturday down
    EXPECT_TRUE(e.has_month(std::chrono::December));
    EXPECT_FALSE(e.has_month(std::chrono::February));
    EXPECT_TRUE(e.has_month(std::chrono::April));
    EXPECT_TRUE(e.any_hour());
    EXPECT_FALSE(schedule::cron_expression("* 0-23 * * *").any_hour());
    EXPECT_EQ(schedule::cron_expression("0 0 * * 0").weekdays(), schedule::cron_expression("0 0 * * 7").weekdays());
    EXPECT_EQ(schedule::cron_expression("0 0 * * 5-7").weekdays().to_string(), "1100001");
}

TEST(CronExpression, DaysOfTheMonthAndOfTheWeekAreUnitedUnlessOneIsStarred) {
    auto in_june = [](const std::string &interval) { // of 2025, which begins on a Sunday
        std::string out;
        for (std::int64_t t : in_turn(at(interval, zone::utc), utc(2025, 6, 1), utc(2025, 7, 1)))
            out += shown(t, zone::utc).substr(8, 3);
        return out;
    };
    EXPECT_EQ(in_june("0 0 13 * fri"), "06 13 20 27 ");
    EXPECT_EQ(in_june("0 0 12 * fri"), "06 12 13 20 27 ");
    EXPECT_EQ(in_june("0 0 13 * *"), "13 ");
    EXPECT_EQ(in_june("0 0 * * fri"), "06 13 20 27 ");
    EXPECT_EQ(in_june("0 0 */2 * fri"), "13 27 "); // begins with a star: both must fit
}

TEST(CronExpression, WhatIsWrongIsNamed) {
    auto e = refusal("60 * * * *");
    EXPECT_EQ(e.sqlstate, sqlstate::project_invalid);
    EXPECT_EQ(e.message, "interval \"60 * * * *\": the minute can't be \"60\"");
    EXPECT_EQ(e.hint, "It is 0 to 59.");
    EXPECT_EQ(refusal("0 24 * * *").message, "interval \"0 24 * * *\": the hour can't be \"24\"");
    EXPECT_EQ(refusal("0 0 0 * *").hint, "It is 1 to 31.");
    e = refusal("0 0 1 january *");
    EXPECT_EQ(e.message, "interval \"0 0 1 january *\": the month can't be \"january\"");
    EXPECT_EQ(e.hint, "It is 1 to 12, or jan to dec.");
    EXPECT_EQ(refusal("0 0 * * 8").hint, "It is 0 to 7, or sun to sat.");
    EXPECT_EQ(refusal("0 0 * * jan").message, "interval \"0 0 * * jan\": the day of the week can't be \"jan\"");
    e = refusal("0 17-9 * * *");
    EXPECT_EQ(e.message, "interval \"0 17-9 * * *\": the hour can't go from \"17\" to \"9\"");
    EXPECT_EQ(e.hint, "Write two ranges: \"17-23,0-9\".");
    EXPECT_EQ(refusal("5-1 * * * *").hint, "Write two ranges: \"5-59,0-1\".");
    EXPECT_EQ(refusal("0 0 * * fri-sun").hint, "Write two ranges: \"5-6,0\".");
    e = refusal("5/10 * * * *");
    EXPECT_EQ(e.message, "interval \"5/10 * * * *\": a step of the minute must follow * or a range");
    EXPECT_EQ(e.hint, "Write \"5-59/10\".");
    EXPECT_EQ(refusal("*/0 * * * *").message, "interval \"*/0 * * * *\": the step of the minute can't be \"0\"");
    EXPECT_EQ(refusal("*/0 * * * *").hint, "A step is 1 to 59.");
    for (const char *wrong :
         {"1, * * * *", ",1 * * * *", "1,,2 * * * *", "-1 * * * *", "1- * * * *", "* */ * * *", "1-2-3 * * * *",
          "+1 * * * *", "1.5 * * * *", "*-5 * * * *", "*/-1 * * * *", "99999999999 * * * *", "** * * * *"})
        EXPECT_EQ(refusal(wrong).sqlstate, sqlstate::project_invalid) << wrong;
    e = refusal("0 0 * *");
    EXPECT_EQ(e.message, "interval \"0 0 * *\" is neither known nor five fields of cron");
    EXPECT_EQ(e.detail, "It has 4 fields.");
    EXPECT_EQ(refusal("0 0 * * * *").detail, "It has 6 fields.");
    e = refusal("@dayly");
    EXPECT_EQ(e.message, "interval \"@dayly\" is not known");
    EXPECT_EQ(e.hint, "Did you mean \"@daily\"?");
    EXPECT_EQ(refusal("@reboot").hint.substr(0, 28), "Use one of @hourly, @daily, ");
    EXPECT_EQ(refusal("").sqlstate, sqlstate::project_invalid);
}

TEST(Timetable, EachLocalDayExactlyOnceOverWholeYears) {
    for (const auto &[name, rule] : zones)
        for (const char *interval : {"@daily", "30 2 * * *", "0 3 * * *", "15 1 * * *", "45 23 * * *", "59 23 * * *"}) {
            const int year = rule == zone::st_johns_of_2010 ? 2010 : 2025;
            const timetable t = at(interval, rule);
            const instants all = in_turn(t, utc(year, 1, 1, 20), utc(year + 1, 1, 1, 20));
            std::set<std::string> local_days;
            for (std::int64_t one : all)
                local_days.insert(shown(one, rule).substr(0, 10));
            EXPECT_EQ(all.size(), 365u) << name << " " << interval;
            EXPECT_EQ(local_days.size(), 365u) << name << " " << interval;
            if (interval == std::string("30 2 * * *")) {
                EXPECT_EQ(due(t, utc(year, 1, 1, 20), utc(year + 1, 1, 1, 20)), all) << name << " " << interval;
            }
        }
}

TEST(Timetable, ATimeThatIsLeftOutComesAfterTheGap) {
    auto on = [](const std::string &interval, zone_rule rule, std::int64_t from) {
        return shown(due(at(interval, rule), from, from + day_length), rule);
    };
    using texts = std::vector<std::string>;
    EXPECT_EQ(on("30 2 * * *", zone::paris, utc(2025, 3, 29, 23)), texts{"2025-03-30 03:30"});
    EXPECT_EQ(on("0 2 * * *", zone::paris, utc(2025, 3, 29, 23)), texts{"2025-03-30 03:00"});
    EXPECT_EQ(on("0,59 2 * * *", zone::paris, utc(2025, 3, 29, 23)), (texts{"2025-03-30 03:00", "2025-03-30 03:59"}));
    EXPECT_EQ(on("0 2,3 * * *", zone::paris, utc(2025, 3, 29, 23)), texts{"2025-03-30 03:00"}); // both at once
    EXPECT_EQ(on("0 3 * * *", zone::paris, utc(2025, 3, 29, 23)), texts{"2025-03-30 03:00"});
    EXPECT_EQ(on("15 2 * * *", zone::lord_howe, utc(2025, 10, 4, 13)), texts{"2025-10-05 02:45"});
    EXPECT_EQ(on("30 2 * * *", zone::st_johns, utc(2025, 3, 9, 4)), texts{"2025-03-09 03:30"});
    EXPECT_EQ(on("30 2 * * mon", zone::paris, utc(2025, 3, 29, 23)), texts{}); // a Sunday
}

TEST(Timetable, ATimeThatComesTwiceCountsTheFirstTime) {
    auto on = [](const std::string &interval, zone_rule rule, std::int64_t from) {
        return due(at(interval, rule), from, from + 25 * 3600);
    };
    EXPECT_EQ(on("30 2 * * *", zone::paris, utc(2025, 10, 25, 22)), instants{utc(2025, 10, 26, 0, 30)});
    EXPECT_EQ(on("0 3 * * *", zone::paris, utc(2025, 10, 25, 22)), instants{utc(2025, 10, 26, 2)});
    EXPECT_EQ(on("45 1 * * *", zone::lord_howe, utc(2025, 4, 5, 13)), instants{utc(2025, 4, 5, 14, 45)});
    EXPECT_EQ(on("*/30 2 * * *", zone::paris, utc(2025, 10, 25, 22)),
              (instants{utc(2025, 10, 26, 0), utc(2025, 10, 26, 0, 30)}));
}

TEST(Timetable, JobsOfEveryHourGoByRealTime) {
    const timetable hourly = at("@hourly", zone::paris);
    auto count = [&](const timetable &t, std::int64_t from, int hours) {
        const instants all = due(t, from, from + hours * 3600);
        EXPECT_EQ(in_turn(t, from, from + hours * 3600), all);
        for (std::size_t i = 1; i < all.size(); ++i)
            EXPECT_EQ(all[i] - all[i - 1], 3600);
        return all.size();
    };
    EXPECT_EQ(count(hourly, utc(2025, 3, 29, 23), 23), 23u); // 30 March, from midnight to midnight
    EXPECT_EQ(count(hourly, utc(2025, 3, 30, 22), 24), 24u);
    EXPECT_EQ(count(hourly, utc(2025, 10, 25, 22), 25), 25u); // 26 October
    EXPECT_EQ(count(at("5 * * * *", zone::st_johns), utc(2025, 11, 2, 2, 30), 25), 25u);
    // Each quarter of an hour, the half hours of Lord Howe too: 24.5 hours have 98.
    EXPECT_EQ(due(at("*/15 * * * *", zone::lord_howe), utc(2025, 4, 5, 13), utc(2025, 4, 6, 13, 30)).size(), 98u);
}

TEST(Timetable, ADayThatIsLeftOut) {
    using texts = std::vector<std::string>;
    const std::int64_t from = utc(2011, 12, 29, 9), to = utc(2012, 1, 1, 0);
    EXPECT_EQ(shown(due(at("0 12 * * *", zone::apia_of_2011), from, to), zone::apia_of_2011),
              (texts{"2011-12-29 12:00", "2011-12-31 12:00", "2012-01-01 12:00"}));
    EXPECT_EQ(shown(due(at("0 12 30 * *", zone::apia_of_2011), from, to), zone::apia_of_2011),
              texts{"2011-12-31 12:00"});
    EXPECT_EQ(in_turn(at("0 12 30 * *", zone::apia_of_2011), from, to), instants{utc(2011, 12, 30, 22)});
}

TEST(Timetable, NextAndLatestAreThoseOfTheMinutesAskedOneByOne) {
    for (const auto &[name, rule] : zones)
        for (const char *interval : {"17 * * * *", "30 2 * * *", "0 0,1,2,3 * * *", "*/7 2-4 * * 0", "10 23 1,15 * *",
                                     "40 */3 * 3,11 *", "50 23 * * *"}) {
            const int year = rule == zone::st_johns_of_2010 ? 2010 : 2025;
            const timetable t = at(interval, rule);
            for (unsigned month :
                 {3u, 10u}) { // clocks change from 9 March to 6 April, and from 5 October to 7 November
                const std::int64_t from = utc(year, month, 4), to = utc(year, month + 1, 9);
                const instants all = due(t, from, to);
                EXPECT_EQ(in_turn(t, from, to), all) << name << " " << interval << " " << month;
                instants back;
                for (auto last = t.latest_due(to - 1, from); last; last = t.latest_due(*last - 1, from))
                    back.insert(back.begin(), *last);
                EXPECT_EQ(back, all) << name << " " << interval << " " << month;
            }
        }
}

TEST(Timetable, LatestIsNotBeforeItsLimit) {
    const timetable daily = at("@daily", zone::paris);
    const std::int64_t midnight = utc(2025, 6, 9, 22);
    EXPECT_EQ(daily.latest_due(midnight, 0), midnight);
    EXPECT_EQ(daily.latest_due(midnight + 59, midnight), midnight);
    EXPECT_EQ(daily.latest_due(midnight - 1, 0), midnight - day_length);
    EXPECT_EQ(daily.latest_due(midnight - 1, midnight - day_length + 1), std::nullopt);
    EXPECT_EQ(at("0 0 30 2 *", zone::paris).latest_due(midnight, 0), std::nullopt);
}

TEST(Timetable, RareDaysAreFoundAndImpossibleOnesAreNot) {
    EXPECT_EQ(at("0 0 29 2 *", zone::utc).next_due(utc(2025, 1, 1)), utc(2028, 2, 29));
    EXPECT_EQ(at("0 0 29 2 *", zone::utc).next_due(utc(2096, 2, 29)), utc(2104, 2, 29));
    EXPECT_EQ(at("0 0 29 2 *", zone::utc).latest_due(utc(2103, 1, 1), 0), utc(2096, 2, 29));
    EXPECT_EQ(at("0 0 30 2 *", zone::paris).next_due(utc(2025, 1, 1)), std::nullopt);
    EXPECT_EQ(at("0 0 31 4,6,9,11 *", zone::paris).next_due(utc(2025, 1, 1)), std::nullopt);
    EXPECT_EQ(at("0 0 30 2 mon", zone::utc).next_due(utc(2025, 1, 1)), utc(2025, 2, 3)); // a Monday counts too
}

TEST(Timetable, TheGmtExpressionWakesForAllThatIsDue) {
    for (const auto &[name, rule] : zones)
        for (const char *interval :
             {"@hourly", "@daily", "@weekly", "@monthly", "@yearly", "30 2 * * *", "*/20 22-23 * * mon-fri",
              "0 0 1,31 */2 *", "20 1 1-31 * mon", "20 1 */2 * sat,sun", "0 12 13 * fri", "5 */6 * * *",
              "45 23 31 12 *", "15 0 * * 0"}) {
            const int year = rule == zone::st_johns_of_2010 ? 2010 : 2025;
            const timetable t = at(interval, rule);
            const schedule::cron_expression gmt(t.gmt_expression(utc(year, 1, 1)));
            for (std::int64_t one : in_turn(t, utc(year, 1, 1), utc(year + 1, 1, 1)))
                ASSERT_TRUE(wakes(gmt, one)) << name << " " << interval << ": " << t.gmt_expression(utc(year, 1, 1))
                                             << " at " << shown(one, rule);
        }
}

TEST(Timetable, TheGmtExpressionHasNoMoreThanItNeeds) {
    const std::int64_t now = utc(2025, 1, 1);
    auto gmt = [&](const std::string &interval, zone_rule rule) { return at(interval, rule).gmt_expression(now); };
    EXPECT_EQ(gmt("@daily", zone::utc), "0 0 * * *");
    EXPECT_EQ(gmt("*/5 2-4 1-7  jan Mon", zone::utc), "*/5 2-4 1-7 jan Mon");
    EXPECT_EQ(gmt("@daily", zone::paris), "0 22,23 * * *");
    EXPECT_EQ(gmt("@hourly", zone::paris), "30 * * * *");
    EXPECT_EQ(gmt("@hourly", zone::kolkata), "0 * * * *");
    EXPECT_EQ(gmt("@monthly", zone::paris), "0 0,1 1 * *"); // the same day in GMT
    EXPECT_EQ(gmt("@weekly", zone::paris), "0 0,23 * * 0,6");
    EXPECT_EQ(gmt("0 0 1 * *", zone::paris), "0 22,23 * * *");
    EXPECT_EQ(gmt("0 0 * * mon-fri", zone::kolkata), "30 18 * * 0-4");
    EXPECT_EQ(gmt("0 2 * * *", zone::lord_howe), "0,30 15 * * *");
    EXPECT_EQ(gmt("* 12 * * *", zone::st_johns), "* 14-16 * * *");
}

TEST(LocalTime, MidnightOfADay) {
    const auto day = [](int y, unsigned m, unsigned d) {
        return sys_days(std::chrono::year(y) / std::chrono::month(m) / std::chrono::day(d));
    };
    EXPECT_EQ(schedule::midnight(day(2022, 6, 27), zone::paris), utc(2022, 6, 26, 22));
    EXPECT_EQ(schedule::midnight(day(2025, 3, 30), zone::paris), utc(2025, 3, 29, 23));
    EXPECT_EQ(schedule::midnight(day(2010, 11, 7), zone::st_johns_of_2010), utc(2010, 11, 7, 2, 30)); // the first one
    EXPECT_EQ(schedule::midnight(day(1910, 1, 1), [](std::int64_t) { return std::int64_t{561}; }),
              utc(1909, 12, 31, 23, 51)); // whole minutes
}
