#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

#include <string>
#include <vector>

namespace barometre::model::transform {

/// What list_nodes() gives, after a dry run: each model is made empty, from the others' new versions, and all is rolled
/// back. What is wrong with a model is its reason, and it is blocked.
std::vector<pg::row> plan_nodes(const project::project &p, const std::string &selection);

} // namespace barometre::model::transform
