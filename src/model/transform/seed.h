#pragma once

#include "model/relation/candidate.h"
#include "model/seed.h"
#include "model/transform/workshop.h"
#include "run/record.h"

#include <functional>
#include <vector>

namespace barometre::model::transform {

/// Fills a private table from a seed's file. `hooks`: whether it is to be published: its pre_hooks run before, and a
/// table that is there, and empty, is spread.
relation::candidate make_seed(const project::project &p, const project::seed &seed, const seed_file &file,
                              workshop &shop, bool hooks = true);

/// The same, and compares it with the published one.
relation::candidate build_seed(const project::project &p, const project::seed &seed, const seed_file &file,
                               workshop &shop, bool hooks = true);

/// Gives a seed that need not be loaded what the project gives it beside its rows now.
void keep_unchanged_seed(const project::seed &seed, const build_record &known);

enum class seed_state { loaded, unchanged, missing };

struct loaded_seed {
    seed_state state;
    run::step done;
};

/// Loads those whose files changed since their last load, and publishes them together. A missing file changes nothing.
/// `begin` is called before each, with its place from 1.
std::vector<loaded_seed> load_seeds(const project::project &p, const std::vector<const project::seed *> &seeds,
                                    const std::function<void(std::size_t, const project::seed &)> &begin);

const char *seed_state_name(seed_state state);

} // namespace barometre::model::transform
