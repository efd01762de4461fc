#include "job/due.h"
#include "core/schedule/timetable.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "pg/time.h"
#include "pg/transaction.h"

namespace barometre::job {

namespace {

/// How late a call of pg_cron may come, of a job that is not known to be scheduled; in seconds.
constexpr std::int64_t lateness = 15 * 60, year = 366 * std::int64_t{86400};

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
    return j.start_date ? schedule::midnight(std::chrono::sys_days(*j.start_date), pg::time_zone(j.timezone))
                        : INT64_MIN / 2;
}

/// When it was due last, in that time before `at`.
std::optional<std::int64_t> due_within(const project::job &j, std::int64_t at, std::int64_t back) {
    const auto table = timetable_of(j);
    const auto slot = table ? table->latest_due(at, at - back) : std::nullopt;
    return slot && *slot >= start_of(j) ? slot : std::nullopt;
}

/// One value that the memory of runs has of a job and a time; or empty. In a subtransaction, so that the caller can
/// catch a cancel.
std::string ask(const char *query, const std::string &job, std::int64_t slot) {
    std::string answer;
    pg::in_subtransaction([&] {
        const pg::result found = pg::as_extension([&] { return pg::sql(query, {job, std::to_string(slot)}); });
        answer = found.empty() ? "" : found.text(0, 0);
    });
    return answer;
}

} // namespace

std::optional<std::int64_t> due(const project::job &j, std::int64_t at) {
    const auto slot = due_within(j, at, most_lateness);
    return slot && was_expected(j, *slot, at) ? slot : std::nullopt;
}

bool was_expected(const project::job &j, std::int64_t slot, std::int64_t at) {
    return slot >= at - lateness ||
           ask("SELECT 't' FROM barometre_internal.job WHERE name = $1 AND scheduled_since <= to_timestamp($2::bigint)",
               j.name, slot) == "t";
}

std::optional<std::int64_t> latest_due(const project::job &j, std::int64_t at) { return due_within(j, at, year); }

std::optional<std::int64_t> next_due(const project::job &j, std::int64_t at) {
    const auto table = timetable_of(j);
    return table ? table->next_due(std::max(at, start_of(j) - 1)) : std::nullopt;
}

std::string gmt_schedule(const project::job &j, std::int64_t at) {
    const auto table = timetable_of(j);
    return table ? table->gmt_expression(at) : "";
}

std::string status_at(const project::job &j, std::int64_t slot) {
    return ask("SELECT status FROM barometre_internal.run_state WHERE kind = 'job' AND name = $1 AND scheduled_for = "
               "to_timestamp($2::bigint) ORDER BY id DESC LIMIT 1",
               j.name, slot);
}

std::string status_since(const project::job &j, std::int64_t slot) {
    return ask("SELECT status FROM barometre_internal.run_state WHERE kind = 'job' AND name = $1 AND "
               "greatest(scheduled_for, started_at) >= to_timestamp($2::bigint) "
               "ORDER BY status = 'succeeded' DESC, status = 'running' DESC, id DESC LIMIT 1",
               j.name, slot);
}

} // namespace barometre::job
