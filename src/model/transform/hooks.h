#pragma once

#include "core/project/project.h"

#include <vector>

namespace barometre::model::transform {

/// Runs hooks of a model or seed, as the current role. `kind`: for messages: pre_hook of model. Tables are read as they
/// are published. What they SET ends with them as far as results depend on it. Errors name the place of the hook. Gives
/// whether they wrote into its own table; it is an error when they made or dropped it.
bool run_hooks(const project::project &p, const project::relation_node &m, const std::vector<project::hook> &hooks,
               const std::string &kind, bool incremental);

/// Whether a hook is being run in this session.
bool in_hook();

} // namespace barometre::model::transform
