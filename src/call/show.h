#pragma once

#include "registry/registry.h"

#include <cstdint>
#include <string>
#include <vector>

/// What has a name in the project and SQL of its own: shown, and tried.
namespace barometre::call {

/// The SQL of a model, snapshot or test as it runs, or what makes the table of a seed. A test that is declared of a
/// table or column is called by both names that its results have: ppel_daily.date.unique; where several are, all are
/// given.
std::string compile(const registry::loaded_project &loaded, const std::string &name);

/// The first rows of a query as JSON objects, as the project's owner, in a subtransaction that can write nothing. A
/// text with white space is a query, with templates; else it is a name: of a model or snapshot, whose SQL runs, of a
/// seed or stream, or of a test, whose failing rows are given.
std::vector<std::string> show(const registry::loaded_project &loaded, const std::string &query, std::int64_t most);

} // namespace barometre::call
