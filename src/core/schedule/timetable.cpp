#include "core/schedule/timetable.h"
#include "core/text/text.h"

#include <algorithm>
#include <set>

namespace barometre::schedule {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

namespace {

constexpr std::int64_t minute = 60;
constexpr days calendar{146097}; // after 400 years the calendar repeats itself

std::int64_t whole_minute(std::int64_t seconds) { return seconds - ((seconds % minute) + minute) % minute; }

int minute_of_day(std::int64_t local) { return static_cast<int>((local - seconds_of(day_of(local))) / minute); }

/// Numbers as a field of cron: *, or a list with ranges.
template <std::size_t N> std::string field_text(const std::bitset<N> &numbers) {
    if (numbers.all())
        return "*";
    std::string out;
    for (std::size_t i = 0; i < N; ++i) {
        if (!numbers[i])
            continue;
        const std::size_t first = i;
        while (i + 1 < N && numbers[i + 1])
            ++i;
        text::append(out, std::to_string(first), ",");
        if (i > first)
            out += (i == first + 1 ? "," : "-") + std::to_string(i);
    }
    return out;
}

} // namespace

bool timetable::is_due(std::int64_t utc) const {
    utc = whole_minute(utc);
    auto named = [&](std::int64_t local) {
        const int at = minute_of_day(local);
        return when_.matches(at / 60, at % 60) && when_.matches(day_of(local));
    };
    if (when_.any_hour())
        return named(clock_.local(utc));
    // What the clock shows, or what it would show had it not been put forward just now.
    for (const std::int64_t offset : {clock_.offset(utc), clock_.offset(utc - day_length)}) {
        const std::int64_t local = utc + offset;
        if (named(local) && local_time::day(clock_, day_of(local)).first(local) == utc)
            return true;
    }
    return false;
}

std::vector<std::int64_t> timetable::due_on(sys_days local_day) const {
    std::vector<std::int64_t> out;
    if (!when_.matches(local_day))
        return out;
    const local_time::day day(clock_, local_day);
    for (int hour = 0; hour < 24; ++hour) {
        if (!when_.hours()[static_cast<std::size_t>(hour)])
            continue;
        for (int m = 0; m < 60; ++m) {
            if (!when_.minutes()[static_cast<std::size_t>(m)])
                continue;
            const std::int64_t local = seconds_of(local_day) + (hour * 60 + m) * minute;
            if (when_.any_hour())
                for (const std::int64_t utc : day.all(local))
                    out.push_back(utc);
            else
                out.push_back(day.first(local));
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::optional<std::int64_t> timetable::next_due(std::int64_t utc) const {
    std::optional<std::int64_t> best;
    // Where clocks change around midnight, minutes of two days lie among each other: the day before and the
    // day after the one that has the answer are asked too.
    sys_days day = day_of(clock_.local(utc)) - days(1);
    for (sys_days last = day + calendar + days(2); day <= last; ++day) {
        if (const year_month_day date(day); !when_.has_month(date.month())) {
            day = sys_days(date.year() / date.month() / std::chrono::last);
            continue;
        }
        const std::vector<std::int64_t> due = due_on(day);
        const auto first = std::upper_bound(due.begin(), due.end(), utc);
        if (first == due.end())
            continue;
        if (!best)
            last = day + days(1);
        best = std::min(best.value_or(*first), *first);
    }
    return best;
}

std::optional<std::int64_t> timetable::latest_due(std::int64_t utc, std::int64_t not_before) const {
    std::optional<std::int64_t> best;
    sys_days day = day_of(clock_.local(utc)) + days(1);
    sys_days last = std::max(day_of(clock_.local(not_before)) - days(1), day - calendar - days(2));
    for (; day >= last; --day) {
        if (const year_month_day date(day); !when_.has_month(date.month())) {
            day = sys_days(date.year() / date.month() / 1);
            continue;
        }
        const std::vector<std::int64_t> due = due_on(day);
        const auto behind = std::upper_bound(due.begin(), due.end(), utc);
        if (behind == due.begin())
            continue;
        if (!best)
            last = std::max(last, day - days(1));
        best = std::max(best.value_or(behind[-1]), behind[-1]);
    }
    return best && *best >= not_before ? best : std::nullopt;
}

std::string timetable::gmt_expression(std::int64_t from) const {
    const std::array<std::string, 5> &written = when_.fields();
    std::set<std::int64_t> offsets;
    for (int day = -1; day <= 401; ++day)
        offsets.insert(clock_.offset(from + day * day_length));
    const std::string rest = written[2] + " " + written[3] + " " + written[4];
    if (offsets == std::set<std::int64_t>{0})
        return written[0] + " " + written[1] + " " + rest;
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<7> weekdays;
    bool same_day = true;
    for (const std::int64_t offset : offsets)
        for (int at = 0; at < 24 * 60; ++at) {
            if (!when_.matches(at / 60, at % 60))
                continue;
            const std::int64_t gmt = at * minute - offset; // of the local day's date
            const std::int64_t shift = day_of(gmt).time_since_epoch().count();
            const int there = minute_of_day(gmt);
            minutes.set(static_cast<std::size_t>(there % 60));
            hours.set(static_cast<std::size_t>(there / 60));
            same_day = same_day && shift == 0;
            for (int weekday = 0; weekday < 7; ++weekday)
                if (when_.weekdays()[static_cast<std::size_t>(weekday)])
                    weekdays.set(static_cast<std::size_t>((weekday + shift + 7) % 7));
        }
    const std::string times = field_text(minutes) + " " + field_text(hours) + " ";
    if (same_day)
        return times + rest;
    return times + "* * " + (when_.asks_weekday_alone() ? field_text(weekdays) : "*");
}

} // namespace barometre::schedule
