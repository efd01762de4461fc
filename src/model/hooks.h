#pragma once

#include "core/project/project.h"

namespace barometre::model {

/// Runs hooks of a model, as the current role. `kind`: pre_hook or post_hook, for messages. Tables are read as they are
/// published. Errors name the place of the hook.
void run_hooks(const project::project &p, const project::model &m, const std::vector<project::hook> &hooks, const char *kind, bool incremental);

} // namespace barometre::model
