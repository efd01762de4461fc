#pragma once

#include "core/project/project.h"
#include "pg/oid.h"
#include "pg/spi.h"

namespace barometre::registry {

/// A difference between the files of the project and the registry.
struct registry_change {
    std::string kind, name, change; ///< added, changed, removed
};

/// What the database knows of its project before any file is read.
struct recorded_project {
    std::optional<std::string> path, hash, files_hash; ///< absent: nothing is recorded; files_hash: by 0.1.0
    pg::oid owner;                                     ///< invalid: none is recorded, or the role is gone
    std::vector<project::registration> registered;
    bool lost_owner = false; ///< the recorded role is gone
};
/// Throws when `caller` does not have the privileges of the owner.
recorded_project find_project(pg::oid caller);

/// Opens the folder of the project. A call does it once: when the folder is exchanged meanwhile, the call goes on in
/// the one it began with.
std::shared_ptr<const file::root> open_folder(const recorded_project &recorded);

/// Reads the files of a project, with what is registered. `owner`: whose files outside of the folder may be.
project::project read_files(const std::shared_ptr<const file::root> &folder, const recorded_project &recorded,
                            pg::oid owner);

/// Fills in what models read beside ref() and source().
void find_reads(project::project &p);

/// The project of this database, ready for work.
struct loaded_project {
    project::project definition;
    pg::oid owner; ///< the caller has its privileges
    std::vector<registry_change> changes;
    std::vector<project::registration> registered; ///< is part of the definition already
};

/// How a project is to be loaded.
struct loading {
    std::optional<std::string> path = std::nullopt;     ///< another folder, which is recorded for the database
    std::shared_ptr<const file::root> folder = nullptr; ///< what this call has opened already
    bool takes = false;                                 ///< also when barometre.reload is manual
    std::string registering = "";                       ///< the place() of what is just being registered
    bool checks_places = true; ///< refuses schemas that its owner must not write into (places.h)
};

/// Reads the project's files and what is registered, writes the registry if they changed, and checks
/// that the caller has the privileges of the project's owner.
loaded_project load_project(const loading &how = {});

/// What the registry remembers of the project, for when it can't be read: its owner, name, schema, time zone and roles.
/// Nothing: it was never read, or the caller does not have the privileges of its owner.
std::optional<loaded_project> find_remembered_project();

/// What the registry remembers of a job, for when the project can't be read.
struct remembered_job {
    loaded_project project;  ///< as find_remembered_project() gives it
    project::job definition; ///< when it is due, on_failure_sql and the page; no steps
};
/// Nothing: it knows no such job, or the caller does not have the privileges of the project's owner.
std::optional<remembered_job> find_remembered_job(const std::string &name);

/// The search path of the project's SQL, for the current role.
std::string search_path(const project::project &p);

} // namespace barometre::registry
