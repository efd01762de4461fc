#pragma once

#include "pg/oid.h"
#include "pg/row_place.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace barometre::pg {

/// A table that holds versions of the rows of a query.
struct versions_kept {
    std::vector<std::string> key; ///< columns of both
    /// Columns of the query, each with that of the table: where all are the same byte for byte, so is the version.
    std::vector<std::pair<std::string, std::string>> compared;
    std::vector<std::string> required; ///< columns of the query that are NULL in no row, beside the key
    std::string until;                 ///< a column of the table: NULL in the open version of a key
    /// A text column of the table and a value of it: then a version is none of a row that the query may give. May be
    /// empty.
    std::string mark, marked;
    bool wants_absent = false; ///< whether it is asked which open versions are of no row
};

struct version_difference {
    /// The open versions of rows that may be other ones now, and those of no row if that was asked; by place.
    std::vector<row_place> open;
    std::int64_t put = 0;   ///< rows of the query that are in the private table
    std::int64_t kept = 0;  ///< rows of the table, of all versions
    bool came_back = false; ///< a key that has no open version has ended ones
};

/// Runs a query, once, and looks for each row whether a plain heap table has it as an open version. Rows for which that
/// is not sure are put into `lacking`, an empty heap that this transaction made, of the same columns: new ones, changed
/// ones, those without a value in the key or what is required. Others' rows are told, and locks are, as in
/// compare_rows(). Of a key that the table has in an open version, the query gave one row.
///
/// Nothing: keys may be equal and yet not the same byte for byte, columns are of other types than the table's, a key
/// has two open versions or the query gave it twice, the table doesn't fit in `memory` bytes or has row security, or an
/// event trigger attached something to `lacking`; that may hold rows then.
std::optional<version_difference> compare_versions(const std::string &query, oid table, oid lacking,
                                                   const versions_kept &what, std::size_t memory);

} // namespace barometre::pg
