#pragma once

#include <string>
#include <vector>

/// Wildcards: *, ? and [...]. Not fnmatch(3): what that takes for a character, and for a range of characters, hangs on
/// the locale of the server.
namespace barometre::graph {

bool has_wildcard(const std::string &text);

/// Whether the pattern takes the whole name.
bool matches(const std::string &pattern, const std::string &name);

/// The same part by part, so that a star stays within its folder; "**" takes any number of parts.
bool parts_match(const std::vector<std::string> &pattern, const std::vector<std::string> &name);

} // namespace barometre::graph
