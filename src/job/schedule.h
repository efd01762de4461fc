#pragma once

#include "pg/spi.h"

namespace barometre::job {

/// Makes the project's entries in cron.job what the project says, and has their runs expected: a row an entry: job,
/// runs, schedule, next_run, change.
std::vector<pg::row> schedule();
/// Removes them, and expects no runs any more.
std::vector<pg::row> unschedule();

} // namespace barometre::job
