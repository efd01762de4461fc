#include "pg/entry.h"
#include "run/record.h"

namespace barometre::entry {

namespace {

bool is_running(const pg::arguments &given) { return run::is_running(given.bigint(0)); }

} // namespace

BARO_BOOLEAN(barometre_is_running, is_running)

} // namespace barometre::entry
