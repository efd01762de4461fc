#pragma once

#include "core/project/test_config.h"
#include "core/project/yaml_reader.h"

namespace barometre::project {

/// Reads an entry of `seeds:`, of barometre.yml or of a properties file, over what is known of the seed, whose name was
/// read.
void read_seed(yaml_map &map, seed &known, const test_rules &rules);

} // namespace barometre::project
