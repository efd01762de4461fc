// The entry points of jobs and their schedule.

#include "job/calls.h"
#include "job/cron.h"
#include "job/due.h"
#include "job/job.h"
#include "pg/rows.h"
#include "pg/time_zone.h"

namespace pg = barometre::pg;
namespace job = barometre::job;
namespace project = barometre::project;
using barometre::error;

namespace {

void run_job(FunctionCallInfo fcinfo) {
    if (!fcinfo->context || !IsA(fcinfo->context, CallContext) || reinterpret_cast<CallContext *>(fcinfo->context)->atomic)
        throw error("25001", "baro_job can't run inside a transaction block", "Each of its steps has transactions of its own.",
                    "CALL baro_job(...) by itself, outside of BEGIN, functions and other statements.");
    if (PG_ARGISNULL(0))
        throw error("22004", "baro_job wants the name of a job", "", "SELECT job FROM barometre.status; lists them.");
    std::optional<std::int64_t> at;
    if (!PG_ARGISNULL(1))
        at = pg::seconds_since_1970(PG_GETARG_TIMESTAMPTZ(1));
    const std::string name = pg::text_argument(fcinfo, 0);
    pg::spi connection(true);
    job::run_job(connection, name, at);
}

void set_schedule(FunctionCallInfo fcinfo, bool all) {
    if (pg::is_read_only())
        throw error("25006", "cron.job can't be changed in a read-only transaction", "", "SET default_transaction_read_only = off, or call it on the primary.");
    const auto loaded = barometre::load_project();
    const auto wanted = all ? job::entries(loaded.definition) : std::vector<job::cron_entry>();
    std::vector<pg::row> rows;
    job::as_owner(loaded, [&] {
        std::vector<job::cron_change> changes;
        const bool ended = job::expect_runs(wanted) && !all;
        try {
            pg::in_subtransaction([&] { changes = job::set_entries(wanted); });
        } catch (const error &e) {
            if (!ended || e.sqlstate != barometre::sqlstate::not_configured)
                throw;
            pg::warning("jobs are no longer expected to run by themselves, but: " + e.message, e.hint, e.detail);
            return;
        }
        for (const job::cron_change &c : changes) {
            const project::job *j = loaded.definition.find_job(c.entry.job);
            pg::value runs, next;
            if (j && c.change != "removed") {
                runs = j->interval + " " + j->timezone;
                if (const auto at = job::next_due(*j, pg::seconds_since_1970(GetCurrentTimestamp())))
                    next = pg::sql("SELECT pg_catalog.to_timestamp($1::bigint)", {std::to_string(*at)}).at(0, 0);
            }
            rows.push_back({c.entry.job, runs, c.entry.schedule, next, c.change});
        }
        if (all && !rows.empty())
            job::tell_how_it_connects();
        job::tell_of_other_databases();
    });
    pg::return_rows(fcinfo, rows);
}

/// next_due and latest_due in SQL: of a job with this interval, time zone, whether it is enabled, and start_date.
template <class Find> Datum due_time(FunctionCallInfo fcinfo, Find &&find) {
    std::int64_t found = 0;
    bool is_null = true;
    pg::entry([&] {
        if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) && !PG_ARGISNULL(4)) {
            project::job j;
            j.interval = pg::text_argument(fcinfo, 0);
            j.timezone = pg::text_argument(fcinfo, 1);
            j.enabled = PG_ARGISNULL(2) || PG_GETARG_BOOL(2);
            if (!PG_ARGISNULL(3))
                j.start_date = std::chrono::sys_days(std::chrono::days(PG_GETARG_DATEADT(3) + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)));
            if (const auto at = find(j, pg::seconds_since_1970(PG_GETARG_TIMESTAMPTZ(4)))) {
                found = pg::timestamp_of(*at);
                is_null = false;
            }
        }
        return Datum(0);
    });
    fcinfo->isnull = is_null;
    return TimestampTzGetDatum(found);
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(barometre_job);
Datum barometre_job(PG_FUNCTION_ARGS) {
    return pg::entry([&] {
        run_job(fcinfo);
        return Datum(0);
    });
}

PG_FUNCTION_INFO_V1(barometre_schedule);
Datum barometre_schedule(PG_FUNCTION_ARGS) {
    return pg::connected([&] { set_schedule(fcinfo, true); });
}

PG_FUNCTION_INFO_V1(barometre_unschedule);
Datum barometre_unschedule(PG_FUNCTION_ARGS) {
    return pg::connected([&] { set_schedule(fcinfo, false); });
}

PG_FUNCTION_INFO_V1(barometre_next_due);
Datum barometre_next_due(PG_FUNCTION_ARGS) {
    return due_time(fcinfo, [](const project::job &j, std::int64_t at) { return job::next_due(j, at); });
}

PG_FUNCTION_INFO_V1(barometre_latest_due);
Datum barometre_latest_due(PG_FUNCTION_ARGS) {
    return due_time(fcinfo, [](const project::job &j, std::int64_t at) { return job::latest_due(j, at); });
}

} // extern "C"
