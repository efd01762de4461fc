#pragma once

#include "model/candidate.h"
#include "pg/files.h"

namespace barometre::model {

/// A seed's file, with the hash of what its table is made from: the content, and the declared types.
struct seed_file {
    pg::data_file file;
    std::string hash;
};

/// The file of a seed, sought in the project, then in seeds/ below barometre.data_directory.
std::optional<seed_file> find_seed_file(const project::seed &seed);

/// Makes table `name` in the project's schema and fills it from the file, as the current role.
void fill_seed(const project::project &p, const project::seed &seed, const seed_file &file, const std::string &name, run::step &done);

/// Fills a private table from the file, and compares it with the published one.
candidate build_seed(const project::project &p, const project::seed &seed, const seed_file &file, workshop &shop);

enum class seed_state { loaded, unchanged, missing };

/// Loads a seed and publishes it if its file changed since its last load. A missing file changes nothing.
seed_state load_seed(const project::project &p, const project::seed &seed, run::step &done);

const char *seed_state_name(seed_state state);

} // namespace barometre::model
