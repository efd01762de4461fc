#pragma once

#include "core/project/project.h"
#include "core/project/yaml_reader.h"

#include <functional>

namespace barometre::project {

/// Lays distributed_by, colocate_with and reference over `d`. A way of spreading takes the place of one that was said
/// farther away; distributed_by that is empty says that there is none. `key`: how the mapping spells a setting; empty:
/// it does not have it.
void read_distribution(yaml_map &map, const std::function<std::string(const std::string &setting)> &key,
                       distribution &d);

bool is_of_distribution(const std::string &setting); ///< it is one of those three

/// Judges what streams, seeds and models say, once all is read, and finds the tables that they are to lie beside.
/// Calls `refused` for each mistake, with the node's kind and name. What is said of a whole folder does not hold for
/// what has no rows, and not beside itself.
void settle_distributions(project &p, const std::function<void(const std::string &kind, const std::string &node,
                                                               const place &at, const error &why)> &refused);

} // namespace barometre::project
