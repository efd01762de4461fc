// A cron expression is read as a plain reader reads it, and what is due next is what minute after minute shows.

#include "../unit/schedule/zone_rules.h"
#include "targets.h"

#include "core/error.h"
#include "core/schedule/timetable.h"
#include "core/text/utf8.h"

namespace barometre::fuzz {

void cron(std::string_view input) {
    using schedule::seconds_of;
    static constexpr std::int64_t (*zones[])(std::int64_t) = {zone::utc,     zone::paris,     zone::st_johns,
                                                              zone::kolkata, zone::lord_howe, zone::apia_of_2011};
    choices choose(input);
    const auto rule = zones[choose.below(std::size(zones))];
    const int year = rule == zone::apia_of_2011 ? 2011 : 2025;
    const std::int64_t begin = seconds_of(std::chrono::sys_days(std::chrono::year(year) / 1 / 1)) +
                               std::int64_t(choose.byte() * 256 + choose.byte()) * 480; // within the year
    const std::string text(choose.rest());
    std::optional<schedule::cron_expression> when;
    try {
        when = schedule::parse_interval(text);
    } catch (const error &e) {
        require(e.sqlstate == sqlstate::project_invalid, e.sqlstate + ": " + e.message);
        require(!text::is_utf8(text) || (text::is_utf8(e.message) && text::is_utf8(e.detail) && text::is_utf8(e.hint)),
                "an error that can't be shown");
        return;
    }
    if (!when)
        return;
    std::string again;
    for (const std::string &field : when->fields())
        again += (again.empty() ? "" : " ") + field;
    const schedule::cron_expression same(again);
    require(same.minutes() == when->minutes() && same.hours() == when->hours() && same.weekdays() == when->weekdays() &&
                same.fields() == when->fields(),
            "written again it is another: " + again);
    require(when->minutes().any() && when->hours().any() && when->weekdays().any(), "it names no time");

    const schedule::timetable table(*when, rule);
    const std::int64_t day = schedule::day_length, end = begin + day + day / 2;
    const auto next = table.next_due(begin);
    std::optional<std::int64_t> first, last;
    for (std::int64_t at = begin - begin % 60 + 60; at < end; at += 60)
        if (table.is_due(at)) {
            last = at;
            if (!first)
                first = at;
        }
    require(first ? next == first : !next || *next >= end,
            "next is " + std::to_string(next.value_or(0)) + ", not " + std::to_string(first.value_or(0)));
    const auto latest = table.latest_due(end - 1, begin + 1);
    require(latest == last,
            "latest is " + std::to_string(latest.value_or(0)) + ", not " + std::to_string(last.value_or(0)));
    if (!next)
        return;
    require(table.is_due(*next), "next is not due");
    const schedule::cron_expression gmt(table.gmt_expression(begin));
    if (*next < begin + 399 * day) {
        const int minute = static_cast<int>((*next - seconds_of(schedule::day_of(*next))) / 60);
        require(gmt.matches(schedule::day_of(*next)) && gmt.matches(minute / 60, minute % 60),
                "who knows only GMT is not woken: " + table.gmt_expression(begin));
    }
}

} // namespace barometre::fuzz
