#pragma once

#include "core/project/project.h"
#include "core/project/yaml_reader.h"

#include <cstdint>
#include <utility>

namespace barometre::project {

/// A number and a unit, such as "5 min"; `units` and what each stands for, the first one when none is given.
std::int64_t read_amount(yaml_map &map, const std::string &key,
                         const std::vector<std::pair<std::string, std::int64_t>> &units);

/// A length of time, such as "5 min" or "2 days", in seconds.
std::int64_t read_duration(yaml_map &map, const std::string &key);
/// The same, and it must not be 0.
std::int64_t read_positive_duration(yaml_map &map, const std::string &key);
/// A length of time in dbt's form, {count: 12, period: hour}, in seconds; 0: the key is not there.
std::int64_t read_period(yaml_map &map, const std::string &key);

/// How many, or what share, of all `things` (records, rows) that the key counts: 100, or 1%.
limit read_limit(yaml_map &map, const std::string &key, const std::string &things);

/// Seconds in the largest unit that they are a number of: "5 minutes". The server reads it as an interval.
std::string duration_text(std::int64_t seconds);

} // namespace barometre::project
