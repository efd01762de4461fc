#pragma once

#include <string>

namespace barometre::sql {

/// An SQL text, or a template of one, without the values that it compares with: in the place of what strings hold
/// ('...', E'...', $tag$...$tag$), and of numbers of three digits and more, stands "…". Names stay, also those that
/// ref(), source() and var() are given and the words in config(); of comments all but quoted texts and long numbers. A
/// string that is never closed ends with the text.
std::string masked(const std::string &text);

} // namespace barometre::sql
