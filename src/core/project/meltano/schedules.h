#pragma once

#include "core/project/meltano/taps.h"

namespace barometre::project::meltano {

/// The file by which a repository runs its schedules one after the other; empty: it has none.
std::string chaining_script(const document &from);

/// What became of a job.
enum class outcome { refused, read, overridden };

/// Gives each job, as barometre.yml has it, to `read`, those first that others wait for; it tells what became of it.
/// `is_chained`: schedules of one interval run one after the other, at the times of make_crontab.py; else each at
/// Meltano's.
void make_jobs(const std::vector<plan> &plans, const made_taps &taps, bool is_chained, const std::string &timezone,
               findings &found, const one_by_one &attempt, const std::function<outcome(yaml_map &)> &read);

} // namespace barometre::project::meltano
