#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// Fast readers of the ordinary forms of values. Each gives exactly what
/// PostgreSQL's input function gives for the same text, or nothing: then the
/// text is of a rarer form, or wrong, and the input function itself decides.
namespace barometre::value {

/// [+-]digits, between `least` and `most`.
std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most);

/// Decimal notation, with or without exponent; no infinity, NaN, overflow or underflow.
std::optional<double> parse_float8(std::string_view text);

/// t, f, true, false, 1, 0
std::optional<bool> parse_boolean(std::string_view text);

/// YYYY-MM-DD, year 1 to 9999; days since 2000-01-01.
std::optional<std::int32_t> parse_date(std::string_view text);

/// A date, or a date, a space or T, and HH:MM or HH:MM:SS with up to six decimals;
/// microseconds since 2000-01-01.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

/// The same with time, followed by Z, +HH, +HHMM or +HH:MM. (What names no zone depends on
/// TimeZone and is left to the server.)
std::optional<std::int64_t> parse_timestamptz(std::string_view text);

/// Eight, four, four, four and twelve hexadecimal digits; writes 16 bytes.
bool parse_uuid(std::string_view text, unsigned char *to);

/// -digits[.digits] in the server's own form of a numeric without its length word
/// (src/backend/utils/adt/numeric.c: NumericShort and NumericLong). Writes at most
/// numeric_room(text.size()) bytes and gives their number; 0: not of this form.
std::size_t pack_numeric(std::string_view text, unsigned char *to);
constexpr std::size_t numeric_room(std::size_t text_size) { return text_size + 16; }

} // namespace barometre::value
