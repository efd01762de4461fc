#include "pg/point.h"
#include "pg/guard.h"

#include <string>

extern "C" {
#include "common/hashfn.h"
}

namespace barometre::pg::detail {

bool points_are_on = false;

void wait_at_point(const char *name) {
    const std::string words = std::string("barometre point ") + name;
    const Datum key = UInt64GetDatum(
        hash_bytes_extended(reinterpret_cast<const unsigned char *>(words.data()), static_cast<int>(words.size()), 0));
    call([&] {
        DirectFunctionCall1(pg_advisory_lock_shared_int8, key);
        DirectFunctionCall1(pg_advisory_unlock_shared_int8, key);
    });
}

} // namespace barometre::pg::detail
