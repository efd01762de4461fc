#pragma once

#include "pg/oid.h"

#include <optional>
#include <vector>

namespace barometre::model::relation {

/// Waits until all tables, and those below them, can be locked exclusively, without making a queue of the readers that
/// come meanwhile. Throws `busy` after lock_timeout (when it is 0: a minute). `taken`: the last one that another
/// session held.
void lock_exclusively(const std::vector<pg::oid> &tables, pg::oid *taken = nullptr);

/// How long, in seconds: lock_timeout; when it is 0, a minute.
double lock_patience();

/// Tries again and again, for so many seconds at most, until `lock` takes all of these in one go, in the order of their
/// OIDs; none of them is held between. Gives one that could not be had in the end, or nothing.
std::optional<pg::oid> lock_at_once(std::vector<pg::oid> relations, bool (*lock)(pg::oid), double patience);

} // namespace barometre::model::relation
