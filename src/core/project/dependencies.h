#pragma once

#include "core/graph/selection.h"
#include "core/project/project.h"

namespace barometre::project {

/// What reads what in a project: models and seeds under their names, streams as
/// tap.stream. Edges are the templates' references and `reads`, of which names
/// that are no node are skipped. Throws bad_graph for a reference to nothing.
graph::dag dependencies(const project &p);

/// The same with the singular tests, each under its name and below what it reads.
graph::dag dependencies_with_tests(const project &p);

/// Finds what the templates of generic tests refer to. Throws bad_graph for a reference to nothing.
void find_test_reads(project &p);

/// Adds to taps that discover their streams those that models and tests name, whether a file told of them or not.
void add_discovered_sources(project &p);

/// What selections may ask of every stream, seed, model and singular test. The
/// schema of a stream is its tap; a seed without a file in the project has no path.
graph::traits traits_of(const project &p);

} // namespace barometre::project
