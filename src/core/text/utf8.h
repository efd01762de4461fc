#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace barometre::text {

/// How many bytes of a text, from its beginning, are whole characters of UTF-8.
std::size_t utf8_size(std::string_view text);
inline bool is_utf8(std::string_view text) { return utf8_size(text) == text.size(); }

/// A text that may be shown and kept: bytes that are no UTF-8, and NULs, as \xe9, or with `other` in their place.
std::string legible(std::string_view text, char other = '\0');

/// Where a byte of a text is, counted from 1; columns in characters.
struct spot {
    int line = 1, column = 1;
};
spot spot_of(std::string_view text, std::size_t at);

} // namespace barometre::text
