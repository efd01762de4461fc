#pragma once

#include "core/project/meltano/tables.h"
#include "core/project/meltano/tasks.h"

namespace barometre::project::meltano {

/// A tap as barometre.yml has it.
struct made_tap {
    yaml_map map;                  ///< without its streams, unless they are discovered
    std::vector<yaml_map> streams; ///< each with its name
};

/// What becomes of an extractor.
struct use {
    std::string tap;                  ///< its schema; empty: it can't be used
    std::vector<std::string> streams; ///< of it alone, when others fill tables of the same schema; else empty
    bool has_files = false;           ///< there is something to load
};

struct made_taps {
    std::vector<made_tap> taps;
    std::map<std::string, use> extractors; ///< by name
    std::vector<std::string> looked_for;   ///< folders of Singer files, and whether each was there
};

/// Makes taps of all extractors, with the mappings by which `plans` run them. What becomes of each is noted.
made_taps make_taps(const document &from, const std::vector<plan> &plans, const data_folder &data,
                    const std::shared_ptr<findings> &found, const one_by_one &attempt);

/// The note of something that is used, for the report alone.
note taken(const std::string &kind, const std::string &name, const place &at, const std::string &detail);

} // namespace barometre::project::meltano
