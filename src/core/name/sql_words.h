#pragma once

#include <string>
#include <vector>

namespace barometre {

/// The identifiers and keywords of an SQL or PL/pgSQL text, without repeats: in lower case unless they are quoted; not
/// those in comments and in strings between single quotes.
std::vector<std::string> sql_words(const std::string &text);

} // namespace barometre
