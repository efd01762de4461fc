#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

#include <functional>

namespace barometre::project {

/// The configuration of models, from the farthest place to the nearest: folders in barometre.yml, properties, config().

/// The key of a setting as this mapping spells it (dbt also writes +tags and pre-hook), which is noted as its place.
/// Empty: it is not there.
std::string said(yaml_map &map, relation_node &m, const std::string &setting);

/// Lays what a mapping says over what `m` has. Tags and hooks add up, meta merges by key, grants by privilege; of the
/// rest what is said here counts. Other keys are left to the caller.
void read_model_config(yaml_map &map, model &m);
/// The keys of models, without "+", and those of snapshots beside them.
bool is_model_setting(const std::string &key, bool of_snapshots);
/// Those that are nearest to what somebody wrote, or `otherwise`; also among `more`.
std::string near_setting(const std::string &key, const std::vector<std::string> &more, bool of_snapshots,
                         const std::string &otherwise);
/// The config() of a model's SQL. Keys that nobody knows are noted in `found`.
void apply_config(model &m, const jinja::callbacks &context, const std::shared_ptr<findings> &found);
/// A list of hooks, or one.
void read_hooks(yaml_map &map, const std::string &key, std::vector<hook> &hooks);
/// The same as read_model_config of what seeds have, too: alias, enabled, grants, hooks, meta, schema and tags.
void read_relation_config(yaml_map &map, relation_node &m);

/// Moves what is not enabled from `models` to `disabled`, and of seeds likewise; those without a schema get the
/// project's.
void set_disabled_apart(project &p);
/// Refuses what a model's materialization can't have where it was said for that model, and incremental strategies that
/// lack their key.
void check_materialization(const model &m);
/// Refuses models, seeds and streams that become the same relation: calls `refused` for each model and seed that does.
void check_relations(
    const project &p,
    const std::function<void(const std::string &kind, const relation_node &node, const error &why)> &refused);

} // namespace barometre::project
