#pragma once

#include <string>
#include <vector>

namespace barometre::sql {

/// The identifiers and keywords of an SQL or PL/pgSQL text, without repeats, those in comments and strings left out: in
/// lower case, or as they are after a '"' when they are quoted. Strings that begin with a word for the current time
/// ('today', 'now') give that word after a '\'': it becomes a time if the server reads it as one.
std::vector<std::string> words(const std::string &text);

/// Whether somewhere in the text `function` is called with one argument.
bool calls_with_one_argument(const std::string &text, const std::string &function);

} // namespace barometre::sql
