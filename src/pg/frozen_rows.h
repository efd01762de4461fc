#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <string>

namespace barometre::pg {

/// Fills a plain table that this transaction, or a subtransaction that ends with what is done here, made empty, and
/// that has no index yet: with what one SELECT gives, run as project_sql() does. Its columns are the table's, in their
/// order. Rows are written frozen: every snapshot sees them, older ones too. Constraints of the table are looked at.
/// Gives their number.
std::int64_t fill_frozen(oid table, const std::string &query);

} // namespace barometre::pg
