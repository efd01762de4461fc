#pragma once

#include "pg/oid.h"
#include "pg/spi.h"

namespace barometre::registry {

/// Notes in barometre_internal.change that this transaction changed a table, so that what reads it is stale once the
/// transaction commits. `alone`: no other session can be changing the same table, and this transaction's snapshot is
/// younger than the last one's commit.
void stamp_change(pg::oid relation, bool alone = false);
void stamp_change(const std::string &schema, const std::string &name, bool alone = false);

/// Whether a statement trigger of its owner's (baro_stamp) stamps every write into the table, as an SQL condition on
/// the OID `relation`.
std::string stamped_by_trigger(const std::string &relation);

} // namespace barometre::registry
