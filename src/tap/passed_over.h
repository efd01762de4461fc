#pragma once

#include "tap/discover.h"

namespace barometre::tap {

/// Says which files wait for a later run, and warns when no file is left to read. Throws contract when a full refresh
/// would empty the table because of that.
void tell_passed_over(const project::stream &stream, const purpose &why, const discovered &found);

} // namespace barometre::tap
