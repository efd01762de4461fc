#include "job/due.h"
#include "core/schedule/timetable.h"
#include "job/run.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/settings.h"
#include "pg/time_zone.h"

namespace barometre::job {

namespace {

/// How late a call of pg_cron may come, of a job that is known to be scheduled, and of others; how long after its time a job that
/// comes first may begin, and how long after one that comes after it when both are called late; in seconds.
constexpr std::int64_t most_lateness = 12 * 3600, lateness = 15 * 60, patience = 5 * 60, together = 20, year = 366 * std::int64_t{86400};

std::optional<schedule::timetable> timetable_of(const project::job &j) {
    if (j.by_hand() || !j.enabled)
        return std::nullopt;
    auto when = schedule::parse_interval(j.interval);
    if (!when)
        return std::nullopt;
    return schedule::timetable(std::move(*when), pg::time_zone(j.timezone));
}

/// When the job's start_date begins.
std::int64_t start_of(const project::job &j) {
    return j.start_date ? schedule::midnight(std::chrono::sys_days(*j.start_date), pg::time_zone(j.timezone)) : INT64_MIN / 2;
}

/// When it was due last, in that time before `at`.
std::optional<std::int64_t> latest_due(const project::job &j, std::int64_t at, std::int64_t back) {
    const auto table = timetable_of(j);
    const auto slot = table ? table->latest_due(at, at - back) : std::nullopt;
    return slot && *slot >= start_of(j) ? slot : std::nullopt;
}

/// The status of the run of a job for a time; empty: none is known.
std::string status_at(const project::job &j, std::int64_t slot) {
    const pg::result found = pg::as_extension([&] {
        return pg::sql("SELECT status FROM barometre.run_state WHERE kind = 'job' AND name = $1 AND scheduled_for = to_timestamp($2::bigint) ORDER BY id DESC LIMIT 1",
                       {j.name, std::to_string(slot)});
    });
    return found.empty() ? "" : found.text(0, 0);
}

} // namespace

std::optional<std::int64_t> due(const project::job &j, std::int64_t at) {
    const auto slot = latest_due(j, at, most_lateness);
    if (!slot || *slot >= at - lateness)
        return slot;
    const pg::result since = pg::as_extension([&] {
        return pg::sql("SELECT FROM barometre.job WHERE name = $1 AND scheduled_since <= to_timestamp($2::bigint)", {j.name, std::to_string(*slot)});
    });
    return since.processed ? slot : std::nullopt;
}

std::optional<std::int64_t> latest_due(const project::job &j, std::int64_t at) { return latest_due(j, at, year); }

std::optional<std::int64_t> next_due(const project::job &j, std::int64_t at) {
    const auto table = timetable_of(j);
    return table ? table->next_due(std::max(at, start_of(j) - 1)) : std::nullopt;
}

std::string gmt_schedule(const project::job &j, std::int64_t at) {
    const auto table = timetable_of(j);
    return table ? table->gmt_expression(at) : "";
}

bool was_run(const project::job &j, std::int64_t slot) { return !status_at(j, slot).empty(); }

std::string wait_for(pg::spi &connection, const std::string &second, const project::job &first, std::int64_t slot, std::int64_t at) {
    const auto its_slot = latest_due(first, slot);
    if (!its_slot) // by hand, off, or not begun: nothing to wait for
        return "";
    for (const stopwatch waited;;) {
        const std::string status = status_at(first, *its_slot);
        if (status == "succeeded")
            return "";
        if (!status.empty() && status != "running")
            return "job \"" + first.name + "\", which it comes after, " + (status == "failed" ? "failed" : "was " + status);
        if (status.empty() && at - *its_slot + waited.seconds() > patience && (waited.seconds() > together || at - *its_slot > most_lateness))
            return "job \"" + first.name + "\", which it comes after, was not run";
        connection.commit(); // so that nothing is held meanwhile
        pg::in_subtransaction([&] {
            pg::show_progress("baro_job 0/1 " + second + ": waits for " + first.name);
            pg::sleep_ms(500);
        });
    }
}

} // namespace barometre::job
