#pragma once

#include "load/planned_column.h"

namespace barometre::load {

/// Makes the staging table of a load: unlogged, dropped by the load itself.
void create_staging(const std::string &schema, const std::string &name, const std::vector<planned_column> &plan);

} // namespace barometre::load
