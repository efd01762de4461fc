#pragma once

#include "core/project/project.h"
#include "run/record.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// Runs hooks of a model or seed, as the current role. `kind`: for messages: pre_hook of model. Tables are read as they
/// are published. What they SET ends with them as far as results depend on it. Errors name the place of the hook. Gives
/// whether they wrote into its own table; it is an error when they made or dropped it.
bool run_hooks(const project::project &p, const project::relation_node &m, const std::vector<project::hook> &hooks,
               const std::string &kind, bool incremental);

/// Does what the project's hooks do, which may not call what they are called by.
void in_a_hook(const std::function<void()> &work);

/// Runs on-run-end, as the current role, once all is published. `steps`: what became of the nodes.
void run_end_hooks(const project::project &p, const std::map<std::string, run::step> &steps);

/// Whether a hook is being run in this session.
bool in_hook();

} // namespace barometre::model::transform
