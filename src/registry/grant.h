#pragma once

#include "registry/registry.h"

namespace barometre::registry {

struct made_grant {
    std::string role, privilege, object;
};

/// Sets up the roles of the project, as the current role: the loader does all the
/// work, the readers read the schemas of the models and nothing else, tables
/// created later included. Can be run again.
std::vector<made_grant> grant_roles(const project::project &p);

} // namespace barometre::registry
