#pragma once

#include "core/project/project.h"

#include <string>
#include <vector>

namespace barometre::registry {

/// What became of a table that others write.
struct stamping {
    std::string relation, change; ///< change: added, unchanged, or why it can't be seen
};

/// Lets every change of the project's sources be seen, by baro_stamp as a trigger on each table that the current role
/// owns and on each of its partitions.
std::vector<stamping> stamp_sources(const project::project &p);

} // namespace barometre::registry
