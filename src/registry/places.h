#pragma once

#include "core/project/schema_use.h"
#include "pg/oid.h"

namespace barometre::registry {

/// A schema that the project names and its owner must not write into.
struct place_problem {
    error what;
    bool stands; ///< what is named is there already: it is told, and the project is not refused
};

/// Schemas that are the server's or an extension's, those of strangers, and those where the owner may make nothing.
/// `registering`: the place() of what is just being registered.
std::vector<place_problem> find_place_problems(const project::project &p, pg::oid owner,
                                               const std::string &registering = {});

/// Throws those that don't stand as one error, and tells the others by WARNINGs.
void settle(const std::vector<place_problem> &problems);

/// One error that says all of these. There must be one.
[[noreturn]] void throw_all(const std::vector<error> &all);

/// Schemas of models, snapshots and seeds, with the project's own one: which readers are to see.
std::vector<std::string> schemas_for_readers(const project::project &p);

} // namespace barometre::registry
