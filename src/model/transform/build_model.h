#pragma once

#include "model/transform/build.h"

namespace barometre::model::transform {

/// Makes the private table or view of a model, or, of a table that nobody has yet, the table itself, and finds out how
/// it differs from what readers have. `b`: what was built so far.
relation::candidate build_model(work &w, built &b, input_reader &inputs, const project::model &m);

} // namespace barometre::model::transform
