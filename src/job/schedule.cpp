#include "job/schedule.h"
#include "call/call.h"
#include "job/cron.h"
#include "job/due.h"
#include "pg/messages.h"
#include "pg/time.h"
#include "pg/transaction.h"

namespace barometre::job {

namespace {

pg::row shown(const project::project &p, const cron_change &c) {
    const project::job *j = p.find_job(c.entry.job);
    pg::cell runs, next;
    if (j && c.change != "removed") {
        runs = j->interval + " " + j->timezone;
        if (const auto at = next_due(*j, pg::now()))
            next = pg::sql("SELECT pg_catalog.to_timestamp($1::bigint)", {std::to_string(*at)}).at(0, 0);
    }
    return {c.entry.job, runs, c.entry.schedule, next, c.change};
}

std::vector<pg::row> set_schedule(bool all) {
    if (pg::is_read_only())
        throw error("25006", "cron.job can't be changed in a read-only transaction", "",
                    "SET default_transaction_read_only = off, or call it on the primary.");
    const auto loaded = registry::load_project();
    const auto wanted = all ? entries(loaded.definition) : std::vector<cron_entry>();
    return call::as_owner(loaded, [&] {
        std::vector<cron_change> changes;
        std::vector<pg::row> rows;
        const bool ended = expect_runs(wanted) && !all;
        try {
            pg::in_subtransaction([&] { changes = set_entries(wanted); });
        } catch (const error &e) {
            if (!ended || e.sqlstate != sqlstate::not_configured)
                throw;
            pg::warning("jobs are no longer expected to run by themselves, but: " + e.message, e.hint, e.detail);
            return rows;
        }
        for (const cron_change &c : changes)
            rows.push_back(shown(loaded.definition, c));
        if (all && !rows.empty())
            tell_how_it_connects();
        tell_of_other_databases();
        return rows;
    });
}

} // namespace

std::vector<pg::row> schedule() { return set_schedule(true); }
std::vector<pg::row> unschedule() { return set_schedule(false); }

} // namespace barometre::job
