#pragma once

#include <cstddef>
#include <string_view>

namespace barometre::json {

/// Bytes that may be read behind a text that is parsed.
inline constexpr std::size_t padding = 64;

/// What may stand between values.
inline constexpr std::string_view blanks = " \t\r\n";

/// The last byte of files that programs for DOS write: not of their text.
inline constexpr char end_mark = '\x1A';

} // namespace barometre::json
