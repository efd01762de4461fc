#pragma once

#include "pg/oid.h"

#include <vector>

namespace barometre::model::relation {

/// Waits until all tables, and those below them, can be locked exclusively, without making a queue of the readers that
/// come meanwhile. Throws `busy` after lock_timeout (when it is 0: a minute). `taken`: the last one that another
/// session held.
void lock_exclusively(const std::vector<pg::oid> &tables, pg::oid *taken = nullptr);

} // namespace barometre::model::relation
