#pragma once

#include "core/project/project.h"
#include "pg/relations.h"

#include <vector>

namespace barometre::model::relation {

bool declares_types(const project::model &m); ///< there is something to compare

/// Compares the columns of a model's relation, as columns_of() gives them, with the data_type that its properties say
/// of each. Another type is a WARNING; under an enforced contract that throws `contract`, with all differences at once,
/// as do columns that are missing, not declared, or declared without data_type.
void check_declared_types(const project::model &m, const std::vector<pg::table_column> &columns);

} // namespace barometre::model::relation
