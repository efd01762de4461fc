#pragma once

#include "model/relation/candidate.h"
#include "model/seed.h"
#include "model/transform/workshop.h"
#include "run/record.h"

namespace barometre::model::transform {

/// Fills a private table from a seed's file, and compares it with the published one.
relation::candidate build_seed(const project::project &p, const project::seed &seed, const seed_file &file,
                               workshop &shop);

enum class seed_state { loaded, unchanged, missing };

/// Loads a seed and publishes it, by itself, if its file changed since its last load. A missing file changes nothing.
seed_state load_seed(const project::project &p, const project::seed &seed, run::step &done);

const char *seed_state_name(seed_state state);

} // namespace barometre::model::transform
