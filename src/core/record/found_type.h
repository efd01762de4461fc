#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace barometre::record {

/// The types that are found from values; anything else must be declared.
enum class found_type : std::uint8_t { none, boolean, bigint, numeric, text, jsonb }; ///< none: no value seen

/// What numeric has room for.
inline constexpr std::size_t most_digits = 131072, most_decimals = 16383;

/// The narrowest type that one non-NULL value fits, where its text is all that is known of it:
///   -?(0|[1-9][0-9]{0,17})           bigint
///   the same with more digits         numeric
///   -?(0|[1-9][0-9]*)\.[0-9]+         numeric
///   anything else (01, +5, 1e5, ...)  text
found_type type_of(std::string_view value);

/// The narrowest type that holds values of both: numeric for the two kinds of numbers, jsonb beside jsonb, else text.
found_type widen(found_type one, found_type other);

/// Whether a column of type `wide` holds values of the other as well.
inline bool holds(found_type wide, found_type other) { return widen(wide, other) == wide; }

/// SQL name; of none: text.
const char *sql_name(found_type type);

/// The type of that SQL name; none: it is none of them.
found_type found_type_of(std::string_view sql_name);

} // namespace barometre::record
