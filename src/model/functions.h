#pragma once

#include "core/project/project.h"

namespace barometre::model {

/// Whether functions/*.sql changed since they ran last.
bool functions_changed(const project::project &p);

/// Whether they run before models are built.
bool must_make_functions(const project::project &p, bool full_refresh);

/// Runs functions/*.sql, in the order of their names.
void make_functions(const project::project &p);

} // namespace barometre::model
