#pragma once

#include "pg/oid.h"

#include <string>

namespace barometre::pg {

/// Why what a query sees of a table alone (ONLY) may not be what its heap holds, which must not be read past the
/// planner then: its rows are in partitions, at a foreign server or in another access method, or an extension plans the
/// query in its own way, as for a distributed table, whose heap is a shell. A clause; empty: all rows are in the heap.
std::string rows_elsewhere(oid table);

} // namespace barometre::pg
