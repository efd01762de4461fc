#pragma once

#include "core/project/test_config.h"
#include "core/project/yaml_reader.h"

namespace barometre::project {

/// Lays what a mapping says over what a seed has. Other keys are left to the caller.
void read_seed_config(yaml_map &map, seed &s);
/// Reads an entry of `seeds:`, of barometre.yml or of a properties file, over what is known of the seed, whose name was
/// read.
void read_seed(yaml_map &map, seed &known, const test_rules &rules);

} // namespace barometre::project
