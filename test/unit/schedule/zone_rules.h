#pragma once

#include "core/schedule/local_time.h"

#include <utility>

namespace barometre {

/// Time zones as their laws say, so that tests hang on no database of zones.
namespace zone {

/// The n-th Sunday of a month at a time of UTC; n = 0: the last.
inline std::int64_t sunday(int year, unsigned month, unsigned n, std::int64_t utc_time) {
    const auto at = std::chrono::year(year) / std::chrono::month(month);
    const auto day = n ? std::chrono::sys_days(at / std::chrono::Sunday[n])
                       : std::chrono::sys_days(at / std::chrono::Sunday[std::chrono::last]);
    return schedule::seconds_of(day) + utc_time;
}

inline int year_of(std::int64_t utc) {
    return static_cast<int>(std::chrono::year_month_day(schedule::day_of(utc)).year());
}

constexpr std::int64_t hour = 3600;

inline std::int64_t utc(std::int64_t) { return 0; }
inline std::int64_t kolkata(std::int64_t) { return 5 * hour + 1800; }

/// `summer` from the first to the second instant of the year that `changes` gives, else `winter`.
template <auto changes> std::int64_t seasonal(std::int64_t t, std::int64_t winter, std::int64_t summer) {
    static std::int64_t this_year = 0, next_year = 0; // kept, as tests ask minute by minute
    static std::pair<std::int64_t, std::int64_t> of_year;
    if (t < this_year || t >= next_year) {
        const int year = year_of(t);
        this_year = schedule::seconds_of(std::chrono::sys_days(std::chrono::year(year) / 1 / 1));
        next_year = schedule::seconds_of(std::chrono::sys_days(std::chrono::year(year + 1) / 1 / 1));
        of_year = changes(year);
    }
    return t >= of_year.first && t < of_year.second ? summer : winter;
}
inline std::int64_t paris(std::int64_t t) {
    return seasonal<[](int y) { return std::pair(sunday(y, 3, 0, hour), sunday(y, 10, 0, hour)); }>(t, hour, 2 * hour);
}
inline std::int64_t st_johns(std::int64_t t) { // 02:00 by the clock on the wall
    return seasonal<[](int y) {
        return std::pair(sunday(y, 3, 2, 5 * hour + 1800), sunday(y, 11, 1, 4 * hour + 1800));
    }>(t, -3 * hour - 1800, -2 * hour - 1800);
}
inline std::int64_t st_johns_of_2010(std::int64_t t) { // 00:01 by the clock on the wall: back into the day before
    return seasonal<[](int y) {
        return std::pair(sunday(y, 3, 2, 3 * hour + 1860), sunday(y, 11, 1, 2 * hour + 1860));
    }>(t, -3 * hour - 1800, -2 * hour - 1800);
}
inline std::int64_t lord_howe(std::int64_t t) { // half an hour, in the southern summer
    return seasonal<[](int y) { return std::pair(sunday(y, 4, 1, -9 * hour), sunday(y, 10, 1, -8 * hour - 1800)); }>(
        t, 11 * hour, 10 * hour + 1800);
}
inline std::int64_t apia_of_2011(std::int64_t t) { // 30 December 2011 was left out
    return t < schedule::seconds_of(std::chrono::sys_days(std::chrono::year(2011) / 12 / 30)) + 10 * hour ? -10 * hour
                                                                                                          : 14 * hour;
}

} // namespace zone
} // namespace barometre
