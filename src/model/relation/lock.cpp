#include "model/relation/lock.h"
#include "core/error.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "pg/locks.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <cstddef>
#include <cstdint>
#include <map>

namespace barometre::model::relation {

void lock_exclusively(const std::vector<pg::oid> &tables, pg::oid *taken) {
    stopwatch waited;
    const std::int64_t timeout =
        pg::sql("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'").number(0, 0);
    const double patience = timeout > 0 ? static_cast<double>(timeout) / 1000 : 60;
    // What changes a table changes its partitions and children.
    const auto below = pg::sql("WITH RECURSIVE below AS (SELECT t.oid, t.oid AS top FROM unnest($1::oid[]) AS t(oid) "
                               "UNION SELECT i.inhrelid, b.top FROM below b JOIN pg_catalog.pg_inherits i ON "
                               "i.inhparent = b.oid) SELECT oid, top FROM below",
                               {"{" + text::join(tables, ",", [](pg::oid t) { return std::to_string(t); }) + "}"});
    std::map<pg::oid, pg::oid> sorted; // to the one that was asked for
    for (std::size_t i = 0; i < below.rows.size(); ++i)
        sorted.emplace(static_cast<pg::oid>(below.number(i, 0)), static_cast<pg::oid>(below.number(i, 1)));
    for (;;) {
        pg::oid held = pg::no_oid; // by another session
        try {
            pg::in_subtransaction([&] {
                for (const auto &[table, top] : sorted)
                    if (!pg::try_exclusive_lock(table)) {
                        held = top;
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
