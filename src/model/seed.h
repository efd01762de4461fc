#pragma once

#include "core/project/project.h"
#include "pg/files.h"
#include "run/record.h"

#include <optional>
#include <string>

namespace barometre::model {

/// A seed's file, with the hash of what its table is made from: the content, the declared types, and hooks.
struct seed_file {
    pg::data_file file;
    std::string content, hash; ///< content: of the file alone
};

/// The file of a seed, sought in the project, then in seeds/ below barometre.data_directory.
std::optional<seed_file> find_seed_file(const project::project &p, const project::seed &seed);

/// What to do about a seed without a file: into which folders it may be put.
std::string put_seed(const project::project &p, const std::string &name);

/// Makes table `name` in the seed's schema and fills it from the file, as the current role.
void fill_seed(const project::project &p, const project::seed &seed, const seed_file &file, const std::string &name,
               run::step &done);

/// What makes its table, with the types that are declared or found, and where its rows come from.
std::string seed_definition(const project::project &p, const project::seed &seed);

} // namespace barometre::model
