#pragma once

#include "core/project/yaml_reader.h"

namespace barometre::project {

/// The keys that snapshots have besides those of models.
const std::vector<std::string> &snapshot_settings();

/// Lays what a mapping says of a snapshot's own keys over what `m` has. Other keys are left to the caller.
void read_snapshot_config(yaml_map &map, model &m);

/// Refuses a snapshot that lacks a key, or has one that its strategy does not know.
void check_snapshot_config(const model &m);

/// The snapshots of a file of blocks, without their configuration.
std::vector<model> read_snapshot_blocks(const std::string &text, const std::string &file);

/// The snapshot that an entry of `snapshots:` in a properties file makes by its `relation`, without its configuration.
model read_snapshot_entry(yaml_map &entry);

} // namespace barometre::project
