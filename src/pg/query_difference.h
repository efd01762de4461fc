#pragma once

#include "pg/row_difference.h"

#include <cstddef>
#include <optional>
#include <string>

namespace barometre::pg {

/// Runs a query, once, and compares what it gives with the rows of a plain heap table as they come, so that rows which
/// the table has need no room anywhere. Those that it lacks are put into `missing`, an empty heap that this transaction
/// made, of the same columns; the difference has their places there. Rows are equal as in compare_rows(), which see:
/// others' rows are told, and locks and memory are the same. The query's columns are in the order of the table's.
///
/// Nothing: the rows of the table don't fit in `memory` bytes, the columns are others than the table's, or an
/// event trigger attached something to `missing`. Then the query did not run to its end, and `missing` is empty.
std::optional<row_difference> compare_query(const std::string &query, oid table, oid missing, std::size_t memory);

} // namespace barometre::pg
