#include "core/value/parse.h"
#include "core/text/ascii.h"
#include <algorithm>
#include <charconv>
#include <climits>
#include <cstring>

namespace barometre::value {

namespace {

using text::is_digit;

/// Two digits, or a number over 99.
inline unsigned two_digits(const char *at) {
    const unsigned tens = static_cast<unsigned char>(at[0] - '0'), units = static_cast<unsigned char>(at[1] - '0');
    return tens > 9 || units > 9 ? 1000 : tens * 10 + units;
}

constexpr int no_date = INT_MAX;

/// Days from 2000-01-01 to the YYYY-MM-DD in the ten bytes at `at`.
inline int days_of(const char *at) {
    const unsigned century = two_digits(at), two = two_digits(at + 2), month = two_digits(at + 5),
                   mday = two_digits(at + 8);
    static constexpr unsigned length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (at[4] != '-' || at[7] != '-' || century > 99 || two > 99 || century + two == 0 || month < 1 || month > 12 ||
        mday < 1)
        return no_date;
    const int year = static_cast<int>(century * 100 + two);
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (mday > length[month - 1] + (month == 2 && leap))
        return no_date;
    // Days of a calendar whose year begins in March, so that the leap day is its last.
    const int y = month > 2 ? year : year - 1, m = static_cast<int>(month > 2 ? month - 3 : month + 9);
    const int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + static_cast<int>(mday) - 1;
    constexpr int days_to_2000 = 730425; // the same count for 2000-01-01
    return days - days_to_2000;
}

constexpr std::int64_t us_per_second = 1'000'000, us_per_day = 86'400 * us_per_second;

/// HH:MM[:SS[.ffffff]] in microseconds; takes what it read from `text`.
std::optional<std::int64_t> take_time(std::string_view &text) {
    if (text.size() < 5 || text[2] != ':')
        return std::nullopt;
    const unsigned hour = two_digits(text.data()), minute = two_digits(text.data() + 3);
    if (hour > 23 || minute > 59)
        return std::nullopt;
    std::int64_t time = static_cast<std::int64_t>(hour * 60 + minute) * 60 * us_per_second;
    text.remove_prefix(5);
    if (text.empty() || text[0] != ':')
        return time;
    const unsigned seconds = text.size() < 3 ? 1000 : two_digits(text.data() + 1);
    if (seconds > 59)
        return std::nullopt;
    time += seconds * us_per_second;
    text.remove_prefix(3);
    if (text.empty() || text[0] != '.')
        return time;
    std::int64_t fraction = 0;
    std::size_t n = 1;
    for (; n < text.size() && is_digit(text[n]); ++n)
        fraction = n <= 6 ? fraction * 10 + (text[n] - '0') : fraction;
    if (n == 1 || n > 7) // rounding is the server's
        return std::nullopt;
    for (std::size_t i = n; i < 7; ++i)
        fraction *= 10;
    text.remove_prefix(n);
    return time + fraction;
}

} // namespace

std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most) {
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text[0]))
            return std::nullopt;
    }
    std::int64_t n = 0;
    if (text.size() - 1 < 18) { // no overflow to look for
        const bool negative = text[0] == '-';
        std::size_t i = negative;
        if (i == text.size())
            return std::nullopt;
        for (; i < text.size(); ++i) {
            if (!is_digit(text[i]))
                return std::nullopt;
            n = n * 10 + (text[i] - '0');
        }
        if (negative)
            n = -n;
        return n < least || n > most ? std::nullopt : std::optional(n);
    }
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc() || end != text.data() + text.size() || n < least || n > most)
        return std::nullopt;
    return n;
}

std::optional<double> parse_float8(std::string_view text) {
    std::string_view unsigned_part = text;
    if (!unsigned_part.empty() && unsigned_part[0] == '-')
        unsigned_part.remove_prefix(1);
    if (unsigned_part.empty() || !(is_digit(unsigned_part[0]) || unsigned_part[0] == '.'))
        return std::nullopt;
    double n = 0;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return n;
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "t" || text == "true" || text == "1")
        return true;
    if (text == "f" || text == "false" || text == "0")
        return false;
    return std::nullopt;
}

std::optional<std::int32_t> parse_date(std::string_view text) {
    const int days = text.size() == 10 ? days_of(text.data()) : no_date;
    return days == no_date ? std::nullopt : std::optional(days);
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    const int days = text.size() >= 10 ? days_of(text.data()) : no_date;
    if (days == no_date)
        return std::nullopt;
    const std::int64_t midnight = days * us_per_day;
    if (text.size() == 19 && (text[10] == ' ' || text[10] == 'T') && text[13] == ':' && text[16] == ':') {
        const unsigned hour = two_digits(&text[11]), minute = two_digits(&text[14]), seconds = two_digits(&text[17]);
        if (hour > 23 || minute > 59 || seconds > 59)
            return std::nullopt;
        return midnight + ((hour * 60 + minute) * 60 + seconds) * us_per_second;
    }
    text.remove_prefix(10);
    if (text.empty())
        return midnight;
    if (text[0] != ' ' && text[0] != 'T')
        return std::nullopt;
    text.remove_prefix(1);
    if (text.size() < 5)
        return std::nullopt;
    auto time = take_time(text);
    if (!time || !text.empty())
        return std::nullopt;
    return midnight + *time;
}

std::optional<std::int64_t> parse_timestamptz(std::string_view text) {
    if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T'))
        return std::nullopt;
    const int days = days_of(text.data());
    if (days == no_date)
        return std::nullopt;
    text.remove_prefix(11);
    auto time = take_time(text);
    if (!time || text.empty())
        return std::nullopt;
    const std::int64_t local = days * us_per_day + *time;
    if (text == "Z")
        return local;
    const int sign = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
    unsigned minutes = 0;
    if (text.size() == 5)
        minutes = two_digits(&text[3]);
    else if (text.size() == 6 && text[3] == ':')
        minutes = two_digits(&text[4]);
    else if (text.size() != 3)
        return std::nullopt;
    const unsigned hours = two_digits(&text[1]);
    if (sign == 0 || hours > 14 || minutes > 59)
        return std::nullopt;
    return local - sign * static_cast<std::int64_t>(hours * 60 + minutes) * 60 * us_per_second;
}

bool parse_uuid(std::string_view text, unsigned char *to) {
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0, digit = 0; i < 36; ++i) {
        const char c = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-')
                return false;
            continue;
        }
        int n = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (n < 0)
            return false;
        if (digit % 2 == 0)
            to[digit / 2] = static_cast<unsigned char>(n << 4);
        else
            to[digit / 2] = static_cast<unsigned char>(to[digit / 2] | n);
        ++digit;
    }
    return true;
}

std::size_t pack_numeric(std::string_view text, unsigned char *to) {
    bool negative = !text.empty() && text[0] == '-';
    if (negative)
        text.remove_prefix(1);
    std::size_t whole = 0;
    while (whole < text.size() && is_digit(text[whole]))
        ++whole;
    std::size_t scale = 0;
    if (whole < text.size()) {
        if (text[whole] != '.')
            return 0;
        scale = text.size() - whole - 1;
        for (std::size_t i = whole + 1; i < text.size(); ++i)
            if (!is_digit(text[i]))
                return 0;
        if (scale == 0)
            return 0;
    }
    if (whole == 0 || text.size() > 1000)
        return 0;

    // Digits of base 10000, aligned at the decimal point.
    std::int16_t groups[512];
    std::size_t count = 0;
    std::size_t at = 0;
    auto group_until = [&](std::size_t end) {
        int group = 0;
        for (; at < end; ++at)
            group = group * 10 + (text[at] - '0');
        return group;
    };
    for (std::size_t end = (whole + 3) % 4 + 1; at < whole; end += 4)
        groups[count++] = static_cast<std::int16_t>(group_until(end));
    int weight = static_cast<int>(count) - 1;
    for (at = whole + 1; at < text.size();) {
        constexpr int padding[] = {1, 10, 100, 1000};
        const std::size_t n = std::min<std::size_t>(4, text.size() - at);
        groups[count++] = static_cast<std::int16_t>(group_until(at + n) * padding[4 - n]);
    }
    std::size_t first = 0;
    while (first < count && groups[first] == 0) {
        ++first;
        --weight;
    }
    while (count > first && groups[count - 1] == 0)
        --count;
    if (first == count) {
        weight = 0;
        negative = false;
    }

    std::size_t size = 0;
    auto put = [&](std::uint16_t word) {
        std::memcpy(to + size, &word, 2);
        size += 2;
    };
    if (scale <= 0x3F && weight <= 0x3F && weight >= -0x40) {
        put(static_cast<std::uint16_t>(0x8000 | (negative ? 0x2000 : 0) | (scale << 7) | (weight < 0 ? 0x40 : 0) |
                                       (weight & 0x3F)));
    } else {
        put(static_cast<std::uint16_t>((negative ? 0x4000 : 0) | scale));
        put(static_cast<std::uint16_t>(weight));
    }
    const std::size_t bytes = (count - first) * 2;
    std::memcpy(to + size, groups + first, bytes);
    return size + bytes;
}

} // namespace barometre::value
