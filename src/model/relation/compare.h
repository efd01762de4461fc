#pragma once

#include "model/relation/candidate.h"

namespace barometre::model::relation {

/// Finds out what the publication of a table or materialized view will change. Throws `contract` when a view of
/// somebody else stands in the way.
void compare_with_published(const project::project &p, candidate &c);

/// Finds out how the rows of its table differ from those that readers have, in the same columns.
void compare_table(candidate &c);

/// Counts by the difference of rows what the step did.
void count_rows(candidate &c);

} // namespace barometre::model::relation
