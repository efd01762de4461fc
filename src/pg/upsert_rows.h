#pragma once

#include "pg/oid.h"
#include "pg/row_place.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Rows that are merged into a plain table by its primary key, past the planner and the executor.
namespace barometre::pg {

/// What became of the rows that were merged.
struct upserted_rows {
    std::int64_t inserted = 0, updated = 0, unchanged = 0;
};

/// Merges the rows of `source`, a plain table that only this transaction writes and in which no key is there twice,
/// into `target`: a row with a new key is inserted, one of which any of `compared` differs gets the values of
/// `compared` and `noted`, and the others are neither written nor locked. Values are equal by their types' own
/// equality. The rows come in the order in which they lie. `key` are the columns of the target's primary key; it is
/// looked for there, row by row.
/// `places`, if any: of each row the place where the target's one with its key was seen, or none. It is looked for
/// there first.
///
/// Constraints and indexes are the server's own: what they say is an error as for INSERT. So is a row that another
/// session changed meanwhile, 40001. Nothing: nothing was done, because there only INSERT does all that it has to, or
/// may.
std::optional<upserted_rows> upsert_directly(oid target, oid source, const std::vector<std::string> &key,
                                             const std::vector<std::string> &compared,
                                             const std::vector<std::string> &noted,
                                             const std::vector<row_place> *places = nullptr);

} // namespace barometre::pg
