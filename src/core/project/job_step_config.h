#pragma once

#include "core/project/yaml_reader.h"

namespace barometre::project {

/// One of the `steps:` of a job, whose names are looked up in `p`.
job_step read_step(yaml_map &map, const project &p);

/// A step as a JSON object, with all options in effect.
std::string step_text(const job_step &s);

/// `on_failure: stop`, the default, or `skip`, for which `continue` is another word. True: what failed is left out.
bool read_skips_failures(yaml_map &map);

/// A text that must not be blank.
std::string read_sql(yaml_map &map, const std::string &key);

} // namespace barometre::project
