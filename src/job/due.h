#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

#include <cstdint>

// Times are seconds since 1970-01-01 UTC.
namespace barometre::job {

/// The time that a call of pg_cron at `at` is for: the last one at which the job is due, if it is enabled, has started and
/// that is a quarter of an hour ago at most, or 12 hours if it was scheduled by then. pg_cron 1.4 calls late: with background
/// workers it starts nothing while a job runs; and it calls more often than the job is due.
std::optional<std::int64_t> due(const project::job &j, std::int64_t at);

/// When it was due last, at `at` or up to a year before; nothing: it was not.
std::optional<std::int64_t> latest_due(const project::job &j, std::int64_t at);

/// When it is due next, after `at`; nothing: never.
std::optional<std::int64_t> next_due(const project::job &j, std::int64_t at);

/// Whether a run for that time is known, whatever came of it.
bool was_run(const project::job &j, std::int64_t slot);

/// Waits, for the job `second` that was called at `at`, until the last run of `first` that is due by `slot` has ended. Gives why
/// the second can't run; empty: it can. Commits while it waits.
std::string wait_for(pg::spi &connection, const std::string &second, const project::job &first, std::int64_t slot, std::int64_t at);

/// The five fields for pg_cron, on Greenwich's clock; empty: the job is not scheduled.
std::string gmt_schedule(const project::job &j, std::int64_t at);

} // namespace barometre::job
