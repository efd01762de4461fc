#include "model/relation/lock.h"
#include "core/error.h"
#include "core/stopwatch.h"
#include "pg/locks.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstdint>

namespace barometre::model::relation {

void lock_exclusively(const std::vector<pg::oid> &tables, pg::oid *taken) {
    stopwatch waited;
    const std::int64_t timeout =
        pg::sql("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'").number(0, 0);
    const double patience = timeout > 0 ? static_cast<double>(timeout) / 1000 : 60;
    std::vector<pg::oid> sorted = tables;
    std::sort(sorted.begin(), sorted.end());
    for (;;) {
        pg::oid held = pg::no_oid; // by another session
        try {
            pg::in_subtransaction([&] {
                for (pg::oid table : sorted)
                    if (!pg::try_exclusive_lock(table)) {
                        held = table;
                        throw error(sqlstate::busy, "");
                    }
            });
            return;
        } catch (const error &e) {
            if (e.sqlstate != sqlstate::busy)
                throw;
        }
        if (taken)
            *taken = held;
        if (waited.seconds() > patience)
            throw error(sqlstate::busy, pg::name_of(held) + " is in use all the time, and its columns have to change",
                        "Other sessions read or lock it.",
                        "Run again when they are done; SET lock_timeout makes this call wait longer.");
        pg::sleep_ms(20);
    }
}

} // namespace barometre::model::relation
