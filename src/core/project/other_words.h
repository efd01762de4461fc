#pragma once

#include <string>
#include <vector>

namespace barometre::project {

/// The key among `valid` that has the meaning of a word of dbt's, Meltano's or COPY's; empty: there is none.
std::string our_word(const std::string &word, const std::vector<std::string> &valid);

} // namespace barometre::project
