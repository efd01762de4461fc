#pragma once

#include <string>
#include <vector>

namespace barometre::registry {

struct made_grant {
    std::string role, privilege, object;
};

/// Sets up the roles of the project: the loader does all the work, the readers read models, snapshots and seeds,
/// those that are made later included, and nothing else. Called by a superuser, it also makes the project the
/// loader's. What is the loader's is granted as the loader, so that no name that the project chooses reaches what is
/// not. Can be run again.
std::vector<made_grant> grant_roles();

} // namespace barometre::registry
