#pragma once

#include "registry/registry.h"

namespace barometre::registry {

/// What speaks against another owner of the project: what other roles registered would get that role's privileges.
std::vector<error> objections_to_owner(const loaded_project &loaded, pg::oid owner);

/// Makes the project another role's, with what was made for it: relations, functions, and schemas that hold nothing
/// else. For superusers.
void give_project(const loaded_project &loaded, pg::oid owner);
void tell_given(const loaded_project &loaded, pg::oid owner); ///< by a NOTICE

} // namespace barometre::registry
