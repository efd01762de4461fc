#include "core/value/parse.h"
#include "core/text/ascii.h"
#include <algorithm>
#include <charconv>
#include <cstring>

namespace barometre::value {

namespace {

using text::is_digit;

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

namespace rarer {

bool integer(std::string_view text, std::int64_t &n) {
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text[0]))
            return false;
    }
    const bool negative = !text.empty() && text[0] == '-';
    const std::size_t size = text.size() - negative;
    if (size - 9 < 8) { // 9 to 16 digits
        const char *at = text.data() + negative;
        const std::uint64_t high = digits_at(at, size - 8), low = digits_at(at + size - 8, 8);
        n = std::int64_t{number_of(high)} * 100'000'000 + number_of(low);
        n = negative ? -n : n;
        return are_digits(high) && are_digits(low);
    }
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    return failure == std::errc() && end == text.data() + text.size();
}

bool float8(std::string_view text, double &n) {
    std::string_view unsigned_part = text;
    if (!unsigned_part.empty() && unsigned_part[0] == '-')
        unsigned_part.remove_prefix(1);
    if (unsigned_part.empty() || !(is_digit(unsigned_part[0]) || unsigned_part[0] == '.'))
        return false;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    return failure == std::errc() && end == text.data() + text.size();
}

bool timestamp(std::string_view text, std::int64_t &time) {
    const int days = text.size() >= 10 ? days_of(text.data()) : no_date;
    if (days == no_date)
        return false;
    text.remove_prefix(10);
    time = days * us_per_day;
    if (text.empty())
        return true;
    if (text[0] != ' ' && text[0] != 'T')
        return false;
    text.remove_prefix(1);
    const auto of_day = take_time(text);
    time += of_day.value_or(0);
    return of_day && text.empty();
}

bool timestamptz(std::string_view text, std::int64_t &time) {
    if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T'))
        return false;
    const int days = days_of(text.data());
    if (days == no_date)
        return false;
    text.remove_prefix(11);
    const auto of_day = take_time(text);
    if (!of_day || text.empty())
        return false;
    time = days * us_per_day + *of_day;
    if (text == "Z")
        return true;
    const int sign = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
    unsigned minutes = 0;
    if (text.size() == 5)
        minutes = two_digits(&text[3]);
    else if (text.size() == 6 && text[3] == ':')
        minutes = two_digits(&text[4]);
    else if (text.size() != 3)
        return false;
    const unsigned hours = two_digits(&text[1]);
    time -= sign * static_cast<std::int64_t>(hours * 60 + minutes) * 60 * us_per_second;
    return sign != 0 && hours <= 14 && minutes <= 59;
}

} // namespace rarer

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

namespace {

/// The head of a numeric whose scale and weight are small.
std::uint16_t short_head(bool negative, std::size_t scale, int weight) {
    return static_cast<std::uint16_t>(0x8000 | (negative ? 0x2000 : 0) | (scale << 7) | (weight < 0 ? 0x40 : 0) |
                                      (weight & 0x3F));
}

/// digits[.digits] of one to eight characters, without a sign. Its digits of base 10000 are made in one word, which the
/// processor would wait for where it is put together in memory.
std::size_t pack_short_numeric(std::string_view text, bool negative, unsigned char *to) {
    const std::uint64_t word = digits_at(text.data(), text.size());
    std::uint64_t whole = word, fraction = 0; // of the latter, the first digit is lowest
    std::size_t scale = 0;
    if (!are_digits(word)) {
        const std::uint64_t dot = word ^ ('.' ^ '0') * 0x0101010101010101u,
                            is_dot = (dot - 0x0101010101010101u) & ~dot & 0x8080808080808080u;
        const int at = std::countr_zero(is_dot) / 8; // of the first one, or 8; missing characters are none
        if (at <= static_cast<int>(8 - text.size()) || at >= 7)
            return 0;
        scale = static_cast<std::size_t>(7 - at);
        whole = word << (8 * (8 - at));
        fraction = word >> (8 * (at + 1));
        if (!are_digits(whole) || !are_digits(fraction))
            return 0;
    }
    const std::uint64_t before = number_of(whole), after = number_of(fraction);
    const std::uint64_t groups =
        before / 10'000 | before % 10'000 << 16 | after / 10'000 << 32 | after % 10'000 << 48; // the first one lowest
    const int zeros = groups == 0 ? 0 : std::countr_zero(groups) / 16;
    const std::uint64_t stored = groups >> (16 * zeros);
    const std::uint16_t head = short_head(negative && groups != 0, scale, groups == 0 ? 0 : 1 - zeros);
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + sizeof head, &stored, sizeof stored); // more than there are, for which there is room
    return sizeof head + 2 * static_cast<std::size_t>(4 - std::countl_zero(stored) / 16);
}

/// The same of one whose digits end in so many zeros, as quotients do, that it is short without them; 0: it is not.
std::size_t pack_trailing_zeros(std::string_view text, bool negative, unsigned char *to) {
    std::size_t size = text.size();
    while (size > 8 && bytes_at<std::uint64_t>(text.data() + size - 8) == 0x3030303030303030u)
        size -= 8;
    while (size > 8 && text[size - 1] == '0')
        --size;
    if (size > 8 || size == text.size())
        return 0;
    const std::size_t packed = pack_short_numeric(text.substr(0, size), negative, to);
    if (packed == 0)
        return 0;
    std::uint16_t head;
    std::memcpy(&head, to, sizeof head);
    const std::size_t scale = head >> 7 & 0x3F, whole = scale + text.size() - size;
    if (scale == 0 || whole > most_short_scale) // zeros of a whole number are none
        return 0;
    head = static_cast<std::uint16_t>(head + ((whole - scale) << 7));
    std::memcpy(to, &head, sizeof head);
    return packed;
}

/// Digits of base 10000, aligned at the decimal point, as they are stored: none before the first that is not zero, and
/// none after the last.
class stored_digits {
public:
    stored_digits(unsigned char *to, int weight) : to_(to), weight_(weight) {}
    void add(std::uint32_t digit) {
        if (digit == 0 && count_ == 0) {
            --weight_;
            return;
        }
        const auto word = static_cast<std::uint16_t>(digit);
        std::memcpy(to_ + 2 * count_++, &word, sizeof word);
    }
    void end() {
        for (std::uint16_t word = 0; count_ > 0; --count_) {
            std::memcpy(&word, to_ + 2 * (count_ - 1), sizeof word);
            if (word != 0)
                return;
        }
        weight_ = 0;
    }
    std::size_t count() const { return count_; }
    int weight() const { return weight_; } ///< of the first one

private:
    unsigned char *to_;
    std::size_t count_ = 0;
    int weight_;
};

} // namespace

std::size_t pack_numeric(std::string_view text, unsigned char *to) {
    const bool negative = !text.empty() && text[0] == '-';
    if (negative)
        text.remove_prefix(1);
    if (std::endian::native == std::endian::little && text.size() - 1 < 8)
        return pack_short_numeric(text, negative, to);
    if (std::endian::native == std::endian::little)
        if (const std::size_t size = pack_trailing_zeros(text, negative, to); size > 0)
            return size;
    const std::size_t whole = std::min(text.find('.'), text.size());
    if (whole == 0 || whole + 1 == text.size() || text.size() > 1000)
        return 0;

    const std::size_t scale = whole < text.size() ? text.size() - whole - 1 : 0;
    stored_digits digits(to + 2, static_cast<int>((whole + 7) / 8 * 2) - 1);
    bool is_number = true;
    const auto take = [&](std::uint64_t eight) {
        is_number &= are_digits(eight);
        const std::uint32_t number = number_of(eight);
        digits.add(number / 10'000);
        digits.add(number % 10'000);
    };
    const char *at = text.data();
    if (const std::size_t n = whole % 8; n > 0) {
        take(digits_at(at, n));
        at += n;
    }
    for (const char *end = text.data() + whole; at < end; at += 8)
        take(digits_at(at, 8));
    std::size_t left = scale;
    for (at += left > 0; left >= 8; left -= 8, at += 8)
        take(digits_at(at, 8));
    if (left > 0) // zeros follow
        take(digits_at(at, left) >> (8 * (8 - left)));
    if (!is_number)
        return 0;
    digits.end();

    const std::size_t bytes = 2 * digits.count();
    const bool is_negative = negative && bytes > 0;
    const int weight = digits.weight();
    if (scale <= 0x3F && weight <= 0x3F && weight >= -0x40) {
        const std::uint16_t head = short_head(is_negative, scale, weight);
        std::memcpy(to, &head, sizeof head);
        return sizeof head + bytes;
    }
    const std::uint16_t head[] = {static_cast<std::uint16_t>((is_negative ? 0x4000 : 0) | scale),
                                  static_cast<std::uint16_t>(weight)};
    std::memmove(to + sizeof head, to + 2, bytes);
    std::memcpy(to, head, sizeof head);
    return sizeof head + bytes;
}

bool fit_numeric(unsigned char *packed, std::size_t size, int precision, int scale) {
    std::uint16_t head, first = 0;
    std::memcpy(&head, packed, sizeof head);
    constexpr unsigned scale_bits = 0x3F << 7;
    if ((head & 0xC000) != 0x8000 || static_cast<int>((head & scale_bits) >> 7) > scale)
        return false;
    if (size > sizeof head) {
        std::memcpy(&first, packed + sizeof head, sizeof first);
        const int weight = (head & 0x40) != 0 ? -1 : head & 0x3F; // what is smaller has no digits before the point
        const int whole = 4 * weight + (first < 10 ? 1 : first < 100 ? 2 : first < 1000 ? 3 : 4);
        if (weight >= 0 && whole > precision - scale)
            return false;
    }
    head = static_cast<std::uint16_t>((head & ~scale_bits) | static_cast<unsigned>(scale) << 7);
    std::memcpy(packed, &head, sizeof head);
    return true;
}

} // namespace barometre::value
