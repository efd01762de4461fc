#pragma once

#include "core/graph/dag.h"
#include "audit/data_test.h"

namespace barometre::audit {

/// All tests of the project, in dependency order.
std::vector<data_test> all_tests(const project::project &p, const graph::dag &nodes);

} // namespace barometre::audit
