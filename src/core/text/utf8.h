#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace barometre::text {

/// How many bytes of a text, from its beginning, are whole characters of UTF-8.
std::size_t utf8_size(std::string_view text);
bool is_utf8(std::string_view text);

bool is_ascii(std::string_view text);

/// Nothing but white space, as Unicode has it.
bool is_blank(std::string_view text);

/// A text that may be shown and kept: bytes that are no UTF-8, and NULs, as \xe9, or with `other` in their place.
std::string legible(std::string_view text, char other = '\0');

/// The name of a file in one line, as messages show it and tables keep it, different for different names: bytes that
/// are no UTF-8, and control characters, as \xe9; and so a backslash that could be taken for the beginning of that.
std::string one_line(std::string_view name);

/// Where a byte of a text is, counted from 1; columns in characters.
struct spot {
    int line = 1, column = 1;
};
spot spot_of(std::string_view text, std::size_t at);

} // namespace barometre::text
