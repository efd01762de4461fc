#pragma once

#include "core/project/project.h"
#include "core/project/yaml_reader.h"

#include <list>

namespace barometre::project {

/// One level of `models:` or `snapshots:` of barometre.yml, with what it says of all models, or of those in a folder
/// and below.
struct folder_level {
    bool of_snapshots, is_top;
    std::string folder; ///< below the models or snapshots folder; empty: all
    yaml_map config;

    /// How many names lead to the same level of dbt_project.yml: the package, and folders. What is said of all models
    /// is said of the package.
    std::size_t depth() const;
    bool holds(const model &m) const;
    void read_for(model &m, project &p) const; ///< notes what dbt_project.yml said, too
};

/// The levels of `models:` and `snapshots:`, from the outermost; those of one depth in their order. (A list: a YAML
/// node that is assigned to changes.) A mapping in them is a folder below the models or snapshots folder; where the
/// project's name stands first, as in dbt, it stands for all of them. Refuses what is wrong even where there is no
/// model.
std::list<folder_level> read_folder_levels(yaml_map &of_models, yaml_map &of_snapshots, project &p);

} // namespace barometre::project
