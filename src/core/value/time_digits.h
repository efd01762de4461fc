#pragma once

#include "core/value/digits.h"

#include <climits>
#include <optional>

/// Dates and times of day whose characters stand at fixed places.
namespace barometre::value {

inline constexpr std::int64_t us_per_second = 1'000'000, us_per_day = 86'400 * us_per_second;

/// Two digits, or a number over 99.
inline unsigned two_digits(const char *at) {
    const unsigned tens = static_cast<unsigned char>(at[0] - '0'), units = static_cast<unsigned char>(at[1] - '0');
    return tens > 9 || units > 9 ? 1000 : tens * 10 + units;
}

inline constexpr int no_date = INT_MAX;

/// The numbers of two digits in eight bytes, at their places, of which some are not digits but characters of `form`,
/// where it has no zeros; or nothing.
[[gnu::always_inline]] inline std::optional<std::uint64_t> pairs_in(const char *at, const char (&form)[9]) {
    const std::uint64_t zeros = 0x3030303030303030u, expected = bytes_at<std::uint64_t>(form);
    std::uint64_t others = expected ^ zeros; // of a digit: a zero byte
    others = ((others & 0x7F7F7F7F7F7F7F7Fu) + 0x7F7F7F7F7F7F7F7Fu) & 0x8080808080808080u;
    const std::uint64_t got = bytes_at<std::uint64_t>(at) ^ expected;
    if (!are_digits(got) || (got & ((others >> 7) * 0xFF)) != 0)
        return std::nullopt;
    return pairs_of(got);
}
inline unsigned pair(std::uint64_t pairs, int at) { return static_cast<unsigned>(pairs >> (8 * at)) & 0xFF; }

/// Days from 2000-01-01 to the YYYY-MM-DD in the ten bytes at `at`.
inline int days_of(const char *at) {
    const auto pairs = pairs_in(at, "0000-00-");
    if (!pairs)
        return no_date;
    const unsigned century = pair(*pairs, 0), two = pair(*pairs, 2), month = pair(*pairs, 5), mday = two_digits(at + 8);
    static constexpr unsigned length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (century + two == 0 || month < 1 || month > 12 || mday < 1)
        return no_date;
    const int year = static_cast<int>(century * 100 + two);
    if (mday > length[month - 1]) {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (month != 2 || mday != 29 || !leap)
            return no_date;
    }
    // Days of a calendar whose year begins in March, so that the leap day is its last.
    const int y = month > 2 ? year : year - 1, m = static_cast<int>(month > 2 ? month - 3 : month + 9);
    const int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + static_cast<int>(mday) - 1;
    constexpr int days_to_2000 = 730425; // the same count for 2000-01-01
    return days - days_to_2000;
}

inline constexpr int no_time = -1;

/// Seconds since midnight at the HH:MM:SS in the eight bytes at `at`.
[[gnu::always_inline]] inline int seconds_of(const char *at) {
    const auto pairs = pairs_in(at, "00:00:00");
    if (!pairs)
        return no_time;
    const unsigned hour = pair(*pairs, 0), minute = pair(*pairs, 3), second = pair(*pairs, 6);
    return hour > 23 || minute > 59 || second > 59 ? no_time : static_cast<int>((hour * 60 + minute) * 60 + second);
}

} // namespace barometre::value
