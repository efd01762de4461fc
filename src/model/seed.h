#pragma once

#include "core/project/project.h"
#include "job/run.h"

namespace barometre::model {

enum class seed_state { loaded, unchanged, missing };

/// Loads a seed into the project's schema if its file changed since its last
/// load, as the current role. The file is sought in the project, then in seeds/
/// below barometre.data_directory. A missing file changes nothing.
seed_state load_seed(const project::project &p, const project::seed &seed, step &done);

const char *seed_state_name(seed_state state);

} // namespace barometre::model
