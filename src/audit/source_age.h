#pragma once

#include "core/project/project.h"
#include "run/record.h"

#include <functional>
#include <string>
#include <vector>

namespace barometre::audit {

/// Sources of these nodes whose age is to be measured: they say how old their data may be, and by what.
std::vector<const project::source_table *> measurable(const project::project &p,
                                                      const std::function<bool(const std::string &node)> &chosen);

/// Measures how new the data of each is, and keeps that in `memory`; tells what is too old, and what can't be measured:
/// neither is an error, but a cancel is. `progress` hears which one is next.
void measure_ages(const std::vector<const project::source_table *> &sources, run::record &memory,
                  const std::function<void(std::size_t done, const std::string &node)> &progress);

} // namespace barometre::audit
