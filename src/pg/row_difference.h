#pragma once

#include "pg/oid.h"
#include "pg/row_place.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace barometre::pg {

/// What has to be done to a table so that it holds exactly the rows of another one, as multisets.
struct row_difference {
    std::vector<row_place> gone;    ///< rows of `table` that `wanted` lacks, in physical order
    std::vector<row_place> missing; ///< rows of `wanted` that `table` lacks, in physical order
    std::int64_t kept = 0;          ///< rows that both have
};

/// Compares two plain heap tables (materialized views too) of the same column names and types; the order of the columns
/// may differ, and either may have dropped ones. Rows are equal when all their values are the same byte for byte,
/// however they are stored: types without equality work, and 1.0 is not 1.00. Of several equal rows any may be the one
/// that is kept.
///
/// Sees all that is committed now, whatever the transaction's snapshot, and what this transaction wrote. The tables
/// stay locked in ACCESS SHARE MODE; who acts on the answer must keep others from writing before it
/// asks. Checks no privileges and no row security. Takes about `memory` bytes besides the result.
/// `beside`: a column of `table` that is left out of account; null: none.
row_difference compare_rows(oid table, oid wanted, std::size_t memory, const char *beside = nullptr);

/// Whether a sample of two large tables tells that most of the rows of `wanted` are not in `table`. Of small ones: no.
bool are_mostly_different(oid table, oid wanted);

std::size_t memory_for_comparing(); ///< maintenance_work_mem, in bytes

} // namespace barometre::pg
