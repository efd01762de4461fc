#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

#include <cstdint>

namespace barometre::job {

/// Runs a job of the project: each step in transactions of its own, with its retries, all of it in barometre.run and
/// barometre.step. `connection` must allow for commits. `scheduled_at`: when pg_cron called (seconds since 1970-01-01
/// UTC); the job then runs only if it is due and wasn't run for that time, waits for the one that it comes after, and
/// is skipped while it is running; absent: by hand, at once. Throws job_failed in the end when a step failed.
/// `from_failed`: it goes on with its last run, which failed, and for the time of that.
void run_job(pg::spi &connection, const std::string &name, std::optional<std::int64_t> scheduled_at, bool from_failed);

} // namespace barometre::job
