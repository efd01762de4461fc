#pragma once

#include "core/graph/graph.h"
#include "test/data_test.h"

namespace barometre::test {

/// All tests of the project, in dependency order.
std::vector<data_test> all_tests(const project::project &p, const graph &nodes);

} // namespace barometre::test
