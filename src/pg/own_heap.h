#pragma once

#include "pg/oid.h"

#include <string>

namespace barometre::pg {

/// Why what a query sees of a table may not be what its own heap holds, which must not be read past the planner then:
/// partitions and children hold rows, a foreign server or another access method, or an extension plans the query in its
/// own way, as for a distributed table, whose heap is a shell. A clause; empty: all rows are in the heap.
std::string rows_elsewhere(oid table);

} // namespace barometre::pg
