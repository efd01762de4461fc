#pragma once

#include "audit/data_test.h"
#include "core/graph/dag.h"

namespace barometre::audit {

using columns_known =
    std::function<std::optional<std::vector<pg::table_column>>(const std::string &schema, const std::string &name)>;
/// The columns of relations, where tests read.
columns_known columns_there(const project::project &p, const reading &where);

/// All data tests of the project, in dependency order, as they are written for what is there to be read.
std::vector<data_test> all_tests(const project::project &p, const graph::dag &nodes, const reading &where);

} // namespace barometre::audit
