#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre {

/// A difference between the files of the project and the registry.
struct registry_change {
    std::string kind, name, change; ///< added, changed, removed
};

/// The project of this database, ready for work.
struct loaded_project {
    project::project definition;
    Oid owner; ///< the caller has its privileges
    std::vector<registry_change> changes;
};

/// Reads the project's files, writes the registry if they changed, and checks
/// that the caller has the privileges of the project's owner. `path`: another
/// folder, which is recorded for the database.
loaded_project load_project(const std::optional<std::string> &path = std::nullopt);

/// The search path of the project's SQL.
std::string search_path(const project::project &p);

} // namespace barometre
