#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre::model {

/// The streams, seeds and models of a selection in dependency order: name, kind, materialized, state (new, stale,
/// current, blocked), reason, rows, built.
std::vector<pg::row> list_nodes(const project::project &p, const std::string &selection);

/// The same after a dry run: each model is made empty, from the others' new versions, and all is rolled back. What is
/// wrong with a model is its reason, and it is blocked.
std::vector<pg::row> plan_nodes(const project::project &p, const std::string &selection);

} // namespace barometre::model
