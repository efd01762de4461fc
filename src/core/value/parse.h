#pragma once

#include "core/value/time_digits.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// Fast readers of the ordinary forms of values. Each gives exactly what
/// PostgreSQL's input function gives for the same text, or nothing: then the
/// text is of a rarer form, or wrong, and the input function itself decides.
namespace barometre::value {

/// What there is a call for. (An optional that a function gives waits in memory, one byte of it alone, for longer than
/// it takes to read a number.)
namespace rarer {
bool integer(std::string_view text, std::int64_t &n);
bool float8(std::string_view text, double &n);
bool timestamp(std::string_view text, std::int64_t &time);
bool timestamptz(std::string_view text, std::int64_t &time);
} // namespace rarer

/// [+-]digits, between `least` and `most`.
[[gnu::always_inline]] inline std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t least,
                                                                        std::int64_t most) {
    const bool negative = !text.empty() && text[0] == '-';
    const std::size_t size = text.size() - negative;
    const std::uint64_t digits = size - 1 < 8 ? digits_at(text.data() + negative, size) : ~std::uint64_t{0};
    std::int64_t n;
    if (are_digits(digits)) {
        n = number_of(digits);
        n = negative ? -n : n;
    } else if (!rarer::integer(text, n)) {
        return std::nullopt;
    }
    return n < least || n > most ? std::nullopt : std::optional(n);
}

/// Decimal notation, with or without exponent; no infinity, NaN, overflow or underflow.
[[gnu::always_inline]] inline std::optional<double> parse_float8(std::string_view text) {
    double n = 0;
    return rarer::float8(text, n) ? std::optional(n) : std::nullopt;
}

/// t, f, true, false, 1, 0
[[gnu::always_inline]] inline std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "t" || text == "true" || text == "1")
        return true;
    if (text == "f" || text == "false" || text == "0")
        return false;
    return std::nullopt;
}

/// YYYY-MM-DD, year 1 to 9999; days since 2000-01-01.
[[gnu::always_inline]] inline std::optional<std::int32_t> parse_date(std::string_view text) {
    const int days = text.size() == 10 ? days_of(text.data()) : no_date;
    return days == no_date ? std::nullopt : std::optional(days);
}

/// A date, or a date, a space or T, and HH:MM or HH:MM:SS with up to six decimals;
/// microseconds since 2000-01-01.
[[gnu::always_inline]] inline std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    if (text.size() == 19 && (text[10] == ' ' || text[10] == 'T')) {
        const int days = days_of(text.data()), seconds = seconds_of(text.data() + 11);
        return days == no_date || seconds == no_time ? std::nullopt
                                                     : std::optional(days * us_per_day + seconds * us_per_second);
    }
    std::int64_t time = 0;
    return rarer::timestamp(text, time) ? std::optional(time) : std::nullopt;
}

/// The same with time, followed by Z, +HH, +HHMM or +HH:MM. (What names no zone depends on
/// TimeZone and is left to the server.)
[[gnu::always_inline]] inline std::optional<std::int64_t> parse_timestamptz(std::string_view text) {
    std::int64_t time = 0;
    return rarer::timestamptz(text, time) ? std::optional(time) : std::nullopt;
}

/// Eight, four, four, four and twelve hexadecimal digits; writes 16 bytes.
bool parse_uuid(std::string_view text, unsigned char *to);

/// -digits[.digits] in the server's own form of a numeric without its length word
/// (src/backend/utils/adt/numeric.c: NumericShort and NumericLong). Writes at most
/// numeric_room(text.size()) bytes and gives their number; 0: not of this form.
std::size_t pack_numeric(std::string_view text, unsigned char *to);
constexpr std::size_t numeric_room(std::size_t text_size) { return text_size + 16; }

/// Gives what pack_numeric wrote the scale of a numeric(precision, scale); false: it has more decimals, or too many
/// digits before them, or is not of the short form.
bool fit_numeric(unsigned char *packed, std::size_t size, int precision, int scale);
inline constexpr int most_short_scale = 63; ///< of that form

} // namespace barometre::value
