#pragma once

#include "pg/spi.h"

namespace barometre::page {

/// The entries of barometre's in pg_cron for this database, with what came of their last call: a JSON object. NULL:
/// pg_cron is not in this database, nor said to be in another one.
pg::cell cron_entries();

} // namespace barometre::page
