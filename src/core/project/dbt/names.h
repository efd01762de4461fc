#pragma once

#include "core/project/project.h"

#include <functional>

namespace barometre::project::dbt {

/// Gives models, snapshots and seeds the schemas and names that dbt would: by the macros generate_schema_name and
/// generate_alias_name of the project, else by dbt's own rule if `by_rule` (a schema that is said is put behind the
/// target's), else as they stand. A snapshot's target_schema always stands. `attempt` does the work for one of them.
void settle_names(project &p, bool by_rule,
                  const std::function<void(const std::string &kind, const std::string &name, const place &at,
                                           const std::function<void()> &work)> &attempt);

} // namespace barometre::project::dbt
