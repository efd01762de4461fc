#pragma once

#include "registry/registry.h"

namespace barometre::registry {

/// Tells what does not count of a project's files, a kind at a time, and what can't be used.
void tell(const project::findings &found);

/// Throws when what is just being registered is wrong. `registering`: its place().
void refuse_registering(const project::project &p, const std::string &registering);

} // namespace barometre::registry
