#pragma once

#include "model/transform/build.h"
#include "model/transform/work.h"

namespace barometre::model::transform {

/// Runs the unit tests of a model that is to be built, and those of the ephemeral models that are in it, on rows that
/// are made up and have the types of what is built so far. False: it must not be built, and is left out. Throws
/// `test_failed` where that ends the call.
bool passes_unit_tests(work &w, built &b, const project::model &m);

} // namespace barometre::model::transform
