#pragma once

#include "core/project/project.h"

namespace barometre::model {

/// What the project makes beside its tables: functions/*.sql, and the definitions in on-run-start.

/// Whether its text changed since it ran last, or what it made is gone.
bool functions_changed(const project::project &p);

/// Whether it runs before models are built.
bool must_make_functions(const project::project &p, bool full_refresh);

/// Runs functions/*.sql, in the order of their names, and then what on-run-start defines. `whole`: all of on-run-start.
void make_functions(const project::project &p, bool whole = false);

/// Runs what on-run-start does beside its definitions: nothing else is done again at each call.
void run_start_statements(const project::project &p);
/// Whether there is any of that.
bool has_start_statements(const project::project &p);

} // namespace barometre::model
