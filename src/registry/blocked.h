#pragma once

#include "core/project/project.h"

#include <set>
#include <string>

namespace barometre::registry {

/// Throws when the project's files leave nothing known of its models, seeds and tests.
void require_models(const project::project &p);

/// Throws when that node can't be used.
void refuse_blocked(const project::project &p, const std::string &node);

/// Warns of what is selected and can't be used; gives those nodes.
std::set<std::string> tell_blocked(const project::project &p, const std::set<std::string> &selected);

} // namespace barometre::registry
