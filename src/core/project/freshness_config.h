#pragma once

#include "core/project/yaml_reader.h"

namespace barometre::project {

/// The `freshness:` of a stream, which has it.
freshness_config read_freshness(yaml_map &stream);

} // namespace barometre::project
