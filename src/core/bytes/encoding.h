#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace barometre::bytes {

bool is_utf8_name(const std::string &name);

/// Whether text of that encoding can be read: UTF-8, or any that iconv knows, by its usual spellings: latin-1, cp1252,
/// WIN1252, utf_16_be. Letter case does not matter.
bool is_known_encoding(const std::string &name);

/// The encoding in one spelling: in lower case, without hyphens and underscores, utf16be for utf-16-be.
std::string folded_name(const std::string &name);

struct iconv_closer {
    void operator()(void *iconv) const;
};
using iconv_handle = std::unique_ptr<void, iconv_closer>;

/// To UTF-8; empty if the encoding is not known.
iconv_handle open_iconv(const std::string &name);

std::uint64_t code_points(std::string_view text);

/// Bytes that every sequence of the encoding is a multiple of.
std::size_t unit_of(const iconv_handle &iconv);

/// Every byte is a character of its own, or none. Not so where one is held back, as it may join with the next.
bool is_single_byte(const iconv_handle &iconv);

/// NUL bytes at even and at odd places: in UTF-16 they are the high bytes of most characters.
std::array<std::size_t, 2> count_nuls(std::string_view bytes);

} // namespace barometre::bytes
