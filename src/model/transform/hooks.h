#pragma once

#include "core/project/project.h"

#include <vector>

namespace barometre::model::transform {

/// Runs hooks of a model, as the current role. `kind`: pre_hook or post_hook, for messages. Tables are read as they are
/// published. What they SET ends with them as far as results depend on it. Errors name the place of the hook. Gives
/// whether they wrote into the model's own table; it is an error when they made or dropped it.
bool run_hooks(const project::project &p, const project::model &m, const std::vector<project::hook> &hooks,
               const char *kind, bool incremental);

/// Whether a hook is being run in this session.
bool in_hook();

} // namespace barometre::model::transform
