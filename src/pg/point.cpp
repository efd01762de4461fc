#include "pg/point.h"
#include "pg/guard.h"
#include "pg/locks.h"

namespace barometre::pg::detail {

bool points_are_on = false;

void wait_at_point(const char *name) {
    const Datum key = UInt64GetDatum(lock_key("point", name));
    call([&] {
        DirectFunctionCall1(pg_advisory_lock_shared_int8, key);
        DirectFunctionCall1(pg_advisory_unlock_shared_int8, key);
    });
}

} // namespace barometre::pg::detail
