#pragma once

#include <algorithm>
#include <string_view>

/// ASCII alone, whatever the locale: other bytes are neither digit, letter nor space.
namespace barometre::text {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

/// Whether `text` begins with `word`, in whatever case.
constexpr bool begins(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

/// Whether `text` is `word`, in whatever case.
constexpr bool is_word(std::string_view text, std::string_view word) {
    return text.size() == word.size() && begins(text, word);
}

} // namespace barometre::text
