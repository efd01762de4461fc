#pragma once

#include "model/transform/row_changes.h"

namespace barometre::model::transform {

/// The rows of baro_diff(), whose values are cut so that psql shows them in so many columns. Of two that begin alike
/// the part is shown in which they differ.
std::vector<pg::row> rows_in_width(const std::vector<change_line> &lines, std::size_t width);

} // namespace barometre::model::transform
