#include "run/prune.h"
#include "pg/messages.h"
#include "pg/settings.h"
#include "pg/spi.h"
#include "pg/transaction.h"

namespace barometre::run {

namespace {

constexpr char most_runs[] = "200"; // of one call

// Kept whatever their age: the last run of each kind and name, its last success, what is running, and rejects of a file
// as long as what it holds is what that load left out of its table.
constexpr char statement[] = R"sql(
WITH old AS MATERIALIZED (
    SELECT r.id, r.status FROM barometre.run r
    WHERE r.started_at < pg_catalog.clock_timestamp() - $1::interval AND r.status <> 'running'
      AND EXISTS (SELECT FROM barometre.run l WHERE l.kind = r.kind AND l.name = r.name AND l.id > r.id)
      AND (r.status <> 'succeeded' OR EXISTS (SELECT FROM barometre.run l WHERE l.kind = r.kind AND l.name = r.name AND l.id > r.id
                                                                           AND l.status = 'succeeded'))
    ORDER BY r.id LIMIT $2::int FOR UPDATE OF r SKIP LOCKED
), steps AS (
    DELETE FROM barometre.step s USING old WHERE s.run = old.id
), results AS (
    DELETE FROM barometre.test_result t USING old WHERE t.run = old.id
), ages AS (
    DELETE FROM barometre_internal.source_age a USING old WHERE a.run = old.id
), rejects AS (
    DELETE FROM barometre.reject j USING old WHERE j.run = old.id AND (old.status <> 'succeeded' OR NOT EXISTS (
        SELECT FROM barometre.file f WHERE f.tap = j.tap AND (f.stream = j.stream OR (f.stream = '*' AND f.streams ? j.stream)) AND f.path = j.file))
), runs AS (
    DELETE FROM barometre.run r USING old WHERE r.id = old.id
)
SELECT count(*) FROM old)sql";

} // namespace

void prune_runs() {
    try {
        pg::in_subtransaction([] {
            // Who has this row's lock does the work.
            if (pg::sql("SELECT FROM barometre_internal.pruning WHERE at < pg_catalog.clock_timestamp() - interval '1 "
                        "hour' FOR UPDATE SKIP LOCKED")
                    .processed == 0)
                return;
            const auto done = pg::sql(statement, {pg::keep_runs(), most_runs});
            if (done.number(0, 0) < std::stoll(most_runs)) // else there may be more, for the next call
                pg::sql("UPDATE barometre_internal.pruning SET at = pg_catalog.clock_timestamp()");
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        // 40001: in a transaction with one snapshot another session was faster.
        if (e.sqlstate != "40001")
            pg::log_warning("barometre: old runs could not be removed: " + e.message);
    }
}

} // namespace barometre::run
