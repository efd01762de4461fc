#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace barometre::schedule {

constexpr std::int64_t day_length = 86400; ///< in seconds

/// Seconds east of Greenwich that the clocks of a place show at an instant, given in seconds since 1970 UTC.
using offset_at = std::function<std::int64_t(std::int64_t)>;

/// The clock on the wall of a place. Times are whole minutes, as seconds: of UTC, or local, counted as if the
/// place were at Greenwich. Clocks change once within three days at most, by a day at most.
class local_time {
public:
    explicit local_time(offset_at offset) : offset_(std::move(offset)) {}

    std::int64_t offset(std::int64_t utc) const; ///< in whole minutes
    std::int64_t local(std::int64_t utc) const { return utc + offset(utc); }

    /// The minutes of a local day.
    class day {
    public:
        day(const local_time &clock, std::chrono::sys_days date);
        /// When the clock first shows `local`. If it never does, because it is put forward over it: as long
        /// after the change as `local` lies behind the time that it was put forward at (02:30 becomes 03:30).
        std::int64_t first(std::int64_t local) const;
        /// Each time that the clock shows `local`: never, once, or twice.
        std::vector<std::int64_t> all(std::int64_t local) const;

    private:
        const local_time &clock_;
        std::int64_t before_, after_; ///< offsets around the day; the same when no clock changes
    };

private:
    offset_at offset_;
};

std::int64_t seconds_of(std::chrono::sys_days day);
std::chrono::sys_days day_of(std::int64_t seconds);

/// When a local day begins, in UTC.
std::int64_t midnight(std::chrono::sys_days local_day, const offset_at &offset);

} // namespace barometre::schedule
