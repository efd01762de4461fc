#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

namespace barometre::project {

/// The configuration of models, from the farthest place to the nearest: folders in barometre.yml, properties, config().

/// The key of a setting as this mapping spells it (dbt also writes +tags and pre-hook), which is noted as its place.
/// Empty: it is not there.
std::string said(yaml_map &map, model &m, const std::string &setting);

/// Lays what a mapping says over what `m` has. Tags and hooks add up, meta merges by key, grants by privilege; of the
/// rest what is said here counts. Other keys are left to the caller.
void read_model_config(yaml_map &map, model &m);
/// Reads `models:` and `snapshots:` of barometre.yml for all models and snapshots of the project, and the schema that
/// seeds share. A mapping in them is a folder below the models or snapshots folder; where the project's name stands
/// first, as in dbt, it stands for all of them.
void read_folder_config(yaml_map &of_models, yaml_map &of_snapshots, project &p);
/// The config() of a model's SQL.
void apply_config(model &m, const jinja::callbacks &context);

/// Moves what is not enabled from `models` to `disabled`.
void set_disabled_apart(project &p);
/// Refuses what a model's materialization can't have where it was said for that model, and incremental strategies that
/// lack their key.
void check_materializations(const project &p);
/// Refuses two of models, seeds and streams that become the same relation.
void check_relations(const project &p);

} // namespace barometre::project
