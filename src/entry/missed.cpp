#include "job/due.h"
#include "pg/entry.h"

namespace barometre::entry {

namespace {

/// Of a job with this interval, time zone, whether it is enabled, and start_date: when it is due, seen from a time.
/// NULL: never.
std::optional<std::int64_t> due(const pg::arguments &given,
                                std::optional<std::int64_t> (*find)(const project::job &, std::int64_t)) {
    if (given.is_null(0) || given.is_null(1) || given.is_null(4))
        return std::nullopt;
    project::job j;
    j.interval = given.text(0);
    j.timezone = given.text(1);
    j.enabled = given.is_null(2) || given.yes(2);
    if (const auto first = given.days(3))
        j.start_date = std::chrono::sys_days(std::chrono::days(*first));
    return find(j, *given.seconds(4));
}
std::optional<std::int64_t> next_due(const pg::arguments &given) { return due(given, job::next_due); }
std::optional<std::int64_t> latest_due(const pg::arguments &given) { return due(given, job::latest_due); }

} // namespace

BARO_TIME(barometre_next_due, next_due)
BARO_TIME(barometre_latest_due, latest_due)

} // namespace barometre::entry
