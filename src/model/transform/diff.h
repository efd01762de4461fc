#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// What a build of a model, snapshot or seed would change of what is published under its name, whoever made that. It is
/// built as a transformation builds it, from what is published of its inputs, compared, and all is undone. As SQL gives
/// it: change, key, column, published, built, rows; in 100 columns.
std::vector<pg::row> diff_node(const project::project &p, const std::string &name, std::int64_t samples);

} // namespace barometre::model::transform
