#include "model/relation/lock.h"
#include "core/error.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "pg/locks.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace barometre::model::relation {

double lock_patience() {
    const std::int64_t timeout =
        pg::sql("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'").number(0, 0);
    return timeout > 0 ? static_cast<double>(timeout) / 1000 : 60;
}

std::optional<pg::oid> lock_at_once(std::vector<pg::oid> relations, bool (*lock)(pg::oid), double patience) {
    const stopwatch waited;
    std::sort(relations.begin(), relations.end());
    for (;;) {
        pg::oid held = pg::no_oid; // by another session
        try {
            pg::in_subtransaction([&] {
                for (const pg::oid relation : relations)
                    if (!lock(relation)) {
                        held = relation;
                        throw error(sqlstate::busy, "");
                    }
            });
            return std::nullopt;
        } catch (const error &e) {
            if (e.sqlstate != sqlstate::busy)
                throw;
        }
        if (waited.seconds() > patience)
            return held;
        pg::sleep_ms(20);
    }
}

void lock_exclusively(const std::vector<pg::oid> &tables, pg::oid *taken) {
    // What changes a table changes its partitions and children.
    const auto below = pg::sql("WITH RECURSIVE below AS (SELECT t.oid, t.oid AS top FROM unnest($1::oid[]) AS t(oid) "
                               "UNION SELECT i.inhrelid, b.top FROM below b JOIN pg_catalog.pg_inherits i ON "
                               "i.inhparent = b.oid) SELECT oid, top FROM below",
                               {"{" + text::join(tables, ",", [](pg::oid t) { return std::to_string(t); }) + "}"});
    std::map<pg::oid, pg::oid> sorted; // to the one that was asked for
    for (std::size_t i = 0; i < below.rows.size(); ++i)
        sorted.emplace(static_cast<pg::oid>(below.number(i, 0)), static_cast<pg::oid>(below.number(i, 1)));
    std::vector<pg::oid> all;
    for (const auto &[table, top] : sorted)
        all.push_back(table);
    const auto held = lock_at_once(all, pg::try_exclusive_lock, lock_patience());
    if (!held)
        return;
    const pg::oid top = sorted.at(*held);
    if (taken)
        *taken = top;
    throw error(sqlstate::busy, pg::name_of(top) + " is in use all the time, and its columns have to change",
                "Other sessions read or lock it.",
                "Run again when they are done; SET lock_timeout makes this call wait longer.");
}

} // namespace barometre::model::relation
