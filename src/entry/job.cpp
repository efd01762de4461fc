#include "job/job.h"
#include "job/schedule.h"
#include "pg/entry.h"

namespace barometre::entry {

namespace {

void run_job(pg::spi &connection, const pg::arguments &given) {
    if (!given.may_commit())
        throw error("25001", "baro_job can't run inside a transaction block",
                    "Each of its steps has transactions of its own.",
                    "CALL baro_job(...) by itself, outside of BEGIN, functions and other statements.");
    if (given.is_null(0))
        throw error("22004", "baro_job wants the name of a job", "", "SELECT job FROM barometre.status; lists them.");
    job::run_job(connection, given.text(0), given.seconds(1), given.yes(2));
}

pg::table schedule(const pg::arguments &) { return job::schedule(); }
pg::table unschedule(const pg::arguments &) { return job::unschedule(); }

} // namespace

BARO_PROCEDURE(barometre_job, run_job)
BARO_ROWS(barometre_schedule, schedule)
BARO_ROWS(barometre_unschedule, unschedule)

} // namespace barometre::entry
