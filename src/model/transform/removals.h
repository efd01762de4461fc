#pragma once

#include "audit/data_test.h"
#include "model/transform/workshop.h"

namespace barometre::model::transform {

inline constexpr char removal_test[] = "max_deletes"; ///< what results call it

/// max_deletes of a model, as a data test: that of the rows which readers have not more go than it says.
struct removal_guard {
    audit::data_test test;
    audit::outcome found;
};

/// Whether a new version is to be guarded: its model says so, and readers have rows.
bool is_guarded(const relation::candidate &c);

/// Looks at how a new version differs from what readers have. A row is the same one by its key, as baro_diff() finds
/// it; without one a row that changed counts as one that goes. Keeps the result, with up to so many examples, in
/// `memory`.
removal_guard guard_removals(const relation::candidate &c, workshop &shop, int samples, run::record &memory);

} // namespace barometre::model::transform
