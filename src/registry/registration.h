#pragma once

#include "core/error.h"
#include "core/project/project.h"

namespace barometre::registry {

/// All that is registered by SQL alone, always in the same order.
std::vector<project::registration> registered_things();

/// Adds it to the project, or puts it in the place of what was registered under its name before: added, changed or
/// unchanged. Nothing stays when the project would not be valid with it.
std::string register_thing(const project::registration &r);

/// Says that a table or view of what is elsewhere now, or forgotten, is still there.
void tell_what_stays(const std::string &schema, const std::string &name);

/// Forgets it. Refused while something else of the project refers to it.
void unregister_thing(const std::string &kind, const std::string &name);

} // namespace barometre::registry
