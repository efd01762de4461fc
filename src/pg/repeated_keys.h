#pragma once

#include "pg/oid.h"

#include <string>
#include <vector>

namespace barometre::pg {

/// Whether rows of a plain heap table may have equal values in `key`, NULL being equal to NULL. False is certain, so
/// that nobody needs to group the rows. True is not: also where there is too little memory (maintenance_work_mem), or a
/// type has no hash. `open`: a column, and only rows are meant that are NULL there; empty: all. Sees what is committed
/// now, and what this transaction wrote. Checks no privileges and no row security.
bool may_repeat(oid table, const std::vector<std::string> &key, const std::string &open = "");

/// Whether a statement that asks a table for values of a column which come more than once would surely find none, as
/// the current role sees its rows. False: ask.
bool is_surely_unique(oid table, const std::string &column);

} // namespace barometre::pg
