#include "core/schedule/local_time.h"

#include <algorithm>

namespace barometre::schedule {

namespace {} // namespace

std::int64_t seconds_of(std::chrono::sys_days day) { return day.time_since_epoch().count() * day_length; }

std::chrono::sys_days day_of(std::int64_t seconds) {
    return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

std::int64_t local_time::offset(std::int64_t utc) const {
    // Before there were time zones, places were some seconds away from a whole minute.
    const std::int64_t exact = offset_(utc);
    return exact - ((exact % 60) + 60) % 60;
}

// No place is as much as a day away from Greenwich, so a day to either side is sure to lie around the local day.
local_time::day::day(const local_time &clock, std::chrono::sys_days date)
    : clock_(clock), before_(clock.offset(seconds_of(date) - day_length)),
      after_(clock.offset(seconds_of(date) + 2 * day_length)) {}

std::vector<std::int64_t> local_time::day::all(std::int64_t local) const {
    if (before_ == after_)
        return {local - before_};
    std::vector<std::int64_t> out;
    for (const std::int64_t offset : {std::max(before_, after_), std::min(before_, after_)})
        if (clock_.offset(local - offset) == offset)
            out.push_back(local - offset);
    return out;
}

std::int64_t local_time::day::first(std::int64_t local) const {
    const std::vector<std::int64_t> times = all(local);
    return times.empty() ? local - before_ : times.front();
}

std::int64_t midnight(std::chrono::sys_days local_day, const offset_at &offset) {
    const local_time clock(offset);
    return local_time::day(clock, local_day).first(seconds_of(local_day));
}

} // namespace barometre::schedule
