#pragma once

#include "core/project/yaml_reader.h"

namespace barometre::project {

/// Reads `models:` and `snapshots:` of barometre.yml for all models and snapshots of the project, and the schema that
/// seeds share. A mapping in them is a folder below the models or snapshots folder; where the project's name stands
/// first, as in dbt, it stands for all of them.
void read_folder_config(yaml_map &of_models, yaml_map &of_snapshots, project &p);

} // namespace barometre::project
