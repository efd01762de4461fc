#pragma once

#include <string>

namespace barometre::sql {

/// An SQL text as it runs, without the values that it compares with: in the place of what strings hold ('...', E'...',
/// $tag$...$tag$), and of numbers of three digits and more, stands "…". Names stay; of comments all but quoted texts
/// and long numbers. A string that is never closed ends with the text.
std::string masked(const std::string &text);

/// The same of a template of SQL. Names stay, also those that ref(), source() and var() are given and the words in
/// config(). Of what blocks collect (set, macro, call) only SQL is shown. From where the template may print the quote
/// that begins or ends a string, nothing is: nobody can tell any more what is in one.
std::string masked_template(const std::string &text);

} // namespace barometre::sql
