#pragma once

#include "core/project/yaml_reader.h"

#include <functional>

namespace barometre::project {

/// Reads the mappings of `jobs:` into p.jobs, once taps and seeds are known. Selections and time zones are not
/// looked into. `read_others`: adds jobs that these may wait for.
void read_jobs(
    std::vector<yaml_map> &jobs, project &p, const std::function<void()> &read_others = [] {});

/// Adds one job to those that are there.
void add_job(yaml_map &map, project &p);

/// Refuses a step whose selection names or selects nothing, as baro_transform() and baro_test() would. For a
/// project of which all is known, the `reads` of its models too, since they decide what a selection holds.
void check_selections(const project &p);

} // namespace barometre::project
