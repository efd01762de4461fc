#pragma once

#include "model/relation/candidate.h"
#include "model/transform/workshop.h"

#include <string>

namespace barometre::model::transform {

/// Finds out what the publication will change of a table whose `built` holds only the rows that come in. `replaced`: an
/// SQL condition for the published rows, as `t`, whose place they take. The node is read from now on as it will be.
void compare_delta(relation::candidate &c, const std::string &replaced, workshop &shop);

} // namespace barometre::model::transform
