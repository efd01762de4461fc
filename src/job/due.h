#pragma once

#include "core/project/project.h"

#include <cstdint>

// Times are seconds since 1970-01-01 UTC.
namespace barometre::job {

/// How late a job may begin that is known to be scheduled.
constexpr std::int64_t most_lateness = 12 * 3600;

/// The time that a call of pg_cron at `at` is for: the last one at which the job is due, if it is enabled, has started
/// and that is a quarter of an hour ago at most, or 12 hours if it was scheduled by then. pg_cron 1.4 calls late: with
/// background workers it starts nothing while a job runs; and it calls more often than the job is due.
std::optional<std::int64_t> due(const project::job &j, std::int64_t at);

/// When it was due last, at `at` or up to a year before; nothing: it was not.
std::optional<std::int64_t> latest_due(const project::job &j, std::int64_t at);

/// When it is due next, after `at`; nothing: never.
std::optional<std::int64_t> next_due(const project::job &j, std::int64_t at);

/// Whether a call at `at` is for that time: a quarter of an hour before at most, or the job was scheduled by then.
bool was_expected(const project::job &j, std::int64_t slot, std::int64_t at);

/// The status of the job's run for that time; empty: none is known.
std::string status_at(const project::job &j, std::int64_t slot);

/// The best status of the job's runs for that time and since, by hand too: succeeded, running, or that of the last;
/// empty: there is none.
std::string status_since(const project::job &j, std::int64_t slot);

/// The five fields for pg_cron, on Greenwich's clock; empty: the job is not scheduled.
std::string gmt_schedule(const project::job &j, std::int64_t at);

} // namespace barometre::job
