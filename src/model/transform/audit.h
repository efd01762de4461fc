#pragma once

#include "model/transform/build.h"

#include <cstdint>

namespace barometre::model::transform {

/// What tests found of what was built.
struct audited {
    std::int64_t tests = 0;   ///< how many there are, with the unit tests that came before
    std::int64_t skipped = 0; ///< of those, because what they read is not there
    omissions omitted;        ///< those of the build, and what must not be published because of a test
};

/// Runs the data tests that read what was built, as it is built. Throws `test_failed` where one keeps everything from
/// being published.
audited audit(work &w, const built &b);

} // namespace barometre::model::transform
