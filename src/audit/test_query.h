#pragma once

#include "audit/data_test.h"
#include "core/graph/dag.h"

namespace barometre::audit {

/// All tests of the project, in dependency order, as they are written for what is there to be read.
std::vector<data_test> all_tests(const project::project &p, const graph::dag &nodes, const reading &where);

} // namespace barometre::audit
