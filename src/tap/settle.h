#pragma once

#include "tap/stage.h"

namespace barometre::tap {

/// Gives columns of the stream's table that had no value so far the types that their first values have. One on which
/// another object depends, or that has values after all, stays text, with a warning, and so does what is staged for it.
void settle_columns(const project::stream &stream, const purpose &why, staged &read);

} // namespace barometre::tap
