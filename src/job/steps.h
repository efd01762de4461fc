#pragma once

#include "pg/spi.h"
#include "registry/registry.h"
#include "run/record.h"

namespace barometre::job {

/// Makes the steps of a job, with their retries, and keeps in `memory` what each came to; each is committed. Gives what
/// went wrong; empty: nothing. A cancel, or the end of the pg::time_limit that lives, ends the step that is running and
/// skips the others. No step can let go of the session's locks for longer than itself.
/// `done`: of each step, which earlier run did it, as a clause, so that it is not done again; empty: none was.
std::vector<std::string> run_steps(pg::spi &connection, const registry::loaded_project &loaded, const project::job &j,
                                   run::record &memory, const std::vector<std::string> &done = {});

} // namespace barometre::job
