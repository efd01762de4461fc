#pragma once

#include "pg/oid.h"
#include "pg/row_place.h"

#include <cstddef>
#include <vector>

/// Rows of plain tables, deleted and inserted many at a time, past the planner and the executor.
namespace barometre::pg {

/// Whether DELETE FROM ONLY and INSERT by the current role would do to this table what the functions below do: it has
/// no trigger (so no foreign key), rule or row security, is no partition, computes no column, no extension watches who
/// writes, and the role may do it. The answer holds as long as the table is
/// locked in ROW EXCLUSIVE MODE, which the functions do too.
bool takes_rows_directly(oid table);

/// Whether the rows of `source` are rows of `table` as they are: the columns have the same names and types, in any
/// order.
bool has_columns_of(oid source, oid table);

/// Deletes rows that were committed when they were found, or this transaction wrote. One that another session changed
/// since is an error, 40001.
void delete_directly(oid table, const std::vector<row_place> &rows);

/// Inserts rows of `source`, which only this transaction writes: those at `places`, in their order, or all of them.
/// Gives their number. What the table's constraints and unique indexes say of them is an error as for any INSERT.
std::size_t insert_directly(oid table, oid source, const std::vector<row_place> *places);

} // namespace barometre::pg
