#pragma once

#include "core/graph/graph.h"
#include "core/project/project.h"

namespace barometre {

/// What reads what in a project: models and seeds under their names, streams as
/// tap.stream. Throws bad_graph for a reference to nothing.
graph dependencies(const project::project &p);

/// The same with the singular tests, each under its name and below what it reads.
graph dependencies_with_tests(const project::project &p);

} // namespace barometre
