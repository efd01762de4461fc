#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barometre::pg {

namespace detail {
extern bool all_by_sql;
}

/// Why what a query sees of a table alone (ONLY) may not be what its heap holds, which must not be read past the
/// planner then: its rows are in partitions, at a foreign server or in another access method, or an extension plans the
/// query in its own way, as for a distributed table, whose heap is a shell. A clause; empty: all rows are in the heap.
/// Tests set barometre.by_sql, which only a superuser can: then it is so of every table.
std::string rows_elsewhere(oid table);

/// Whether an extension plans queries of the table in its own way, as of a distributed one. Such have no volatile or
/// stable functions of their columns in what they write, of which the text of a row is one.
bool is_planned_otherwise(oid table);

/// A private table, as what is joined with `table` in a FROM: where that is planned otherwise, the server takes no
/// table of its own beside it, but what is read of one. Of all columns, or of those that are named.
std::string beside(oid table, const std::string &rows, const std::vector<std::string> &columns = {});

/// The heaps that hold all rows of a table, in the order of their OIDs: its own, or those of its partitions. Nothing
/// where some rows are in none.
std::optional<std::vector<oid>> heaps_of(oid table);

/// How many rows of a table, whose rows are in its own heap, the transaction sees; in a fraction of the time of
/// count(*). Checks no privileges and no row security.
std::int64_t count_rows(oid table);

/// Whether a query of the current role reads just the rows that are in the table's own heap: none of children, none
/// elsewhere, all that row security shows; and may.
bool sees_all_rows(oid table);

} // namespace barometre::pg
