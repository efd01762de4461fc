#pragma once

#include <string>

namespace barometre::graph {

/// What to write instead of a selection method of dbt's that is none here; empty: it is none of dbt's either.
std::string instead_of_method(const std::string &method);

/// What to write instead of an option of dbt's command line, such as --select; empty: it is none.
std::string instead_of_option(const std::string &word);

} // namespace barometre::graph
