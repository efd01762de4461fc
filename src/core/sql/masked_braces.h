#pragma once

#include <string>
#include <string_view>

namespace barometre::sql {

bool begins_word(char c); ///< also of another language's letters
bool in_word(char c);

/// Behind the number that begins there.
std::size_t end_of_number(std::string_view text, std::size_t at);
/// Of three digits and more: a value, and no place or precision.
bool is_long_number(std::string_view number);

/// What a template has between {{ and }}, or {% and %}.
struct masked_words {
    std::string shown;           ///< without values, with its braces
    std::size_t end = 0;         ///< behind it
    std::string_view word;       ///< its first one: of a tag, which it is
    bool assigns = false;        ///< there is a "=" in it, outside of parentheses
    bool prints_a_quote = false; ///< or may, as its strings have an odd number of them; or it never ends
};
masked_words mask_braces(std::string_view text, std::size_t at);

/// Behind the {# comment #} that begins there.
std::size_t behind_comment(std::string_view text, std::size_t at);

/// Behind the {% endraw %} of a {% raw %} whose text begins there.
std::size_t behind_raw(std::string_view text, std::size_t at);

/// Whether what a block collects is a query: its first word that is no template's says so.
bool begins_as_query(std::string_view text);

} // namespace barometre::sql
