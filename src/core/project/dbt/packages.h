#pragma once

#include "core/project/yaml_reader.h"

namespace barometre::project::dbt {

/// A package that packages.yml or dependencies.yml asks for.
struct package_entry {
    std::string name;  ///< as far as the entry tells it: the folder that `dbt deps` installs it in
    std::string local; ///< a folder, relative to the project; empty: it is downloaded
    place at;
};

/// Reads the `packages:` of either file. Which version is asked for is of no account: what is installed counts.
std::vector<package_entry> read_package_entries(yaml_map &top);

} // namespace barometre::project::dbt
