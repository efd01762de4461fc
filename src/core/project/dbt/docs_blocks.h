#pragma once

#include <functional>
#include <map>
#include <string>

namespace barometre::project::dbt {

/// The blocks {% docs name %}...{% enddocs %} of a Markdown file, added to `into`; text around them is of no account.
/// That of a package is called package.name there. Throws project_invalid for one that does not end, or has a name that
/// is taken.
void read_docs_blocks(const std::string &text, const std::string &file, const std::string &package,
                      std::map<std::string, std::string> &into);

} // namespace barometre::project::dbt
