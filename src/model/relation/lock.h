#pragma once

#include "pg/oid.h"

#include <vector>

namespace barometre::model::relation {

/// Waits until all tables can be locked exclusively, without making a queue of the readers that come meanwhile. Throws
/// `busy` after lock_timeout (when it is 0: a minute).
void lock_exclusively(const std::vector<pg::oid> &tables);

} // namespace barometre::model::relation
