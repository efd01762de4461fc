#pragma once

#include "model/relation/candidate.h"
#include "model/transform/workshop.h"

#include <cstdint>
#include <optional>
#include <string>

namespace barometre::model::transform {

/// Finds out what the publication will change of a table whose `built` holds only the rows that come in. `replaced`: an
/// SQL condition for the published rows, as `t`, whose place they take. The node is read from now on as it will be.
/// `counted`: how many rows the published heap had when what others do to it began to be watched, if that is so
/// already.
void compare_delta(relation::candidate &c, const std::string &replaced, workshop &shop,
                   std::optional<std::int64_t> counted = std::nullopt);

/// Lets the node be read as it will be, of a table whose `built` holds only the rows that readers lack: by the
/// difference, or, where hardly half of its rows stay, made whole.
void show_difference(relation::candidate &c, workshop &shop);

} // namespace barometre::model::transform
