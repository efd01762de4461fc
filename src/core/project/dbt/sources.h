#pragma once

#include "core/project/test_config.h"

#include <functional>

namespace barometre::project::dbt {

/// Does the work of reading one thing, and keeps what is wrong with it from stopping what follows.
using one_by_one = std::function<void(const std::string &kind, const std::string &name, const place &at,
                                      const std::function<void()> &work)>;

/// Lays what a mapping says of a source or its table over `t`, such as a level of dbt_project.yml.
void read_source_config(yaml_map &map, source_table &t);

/// Reads an entry of `sources:`, whose name was read, into the project. A table that a stream of a tap fills becomes
/// part of that stream; any other is one that others write. `preset` says what holds for a table unless the entry says
/// otherwise.
void read_source(yaml_map &entry, project &p, const test_rules &rules,
                 const std::function<void(source_table &)> &preset, const one_by_one &attempt);

} // namespace barometre::project::dbt
