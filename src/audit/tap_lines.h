#pragma once

#include "audit/data_test.h"

namespace barometre::audit {

/// A test in the Test Anything Protocol: its line, and what diagnostics follow.
std::vector<std::string> tap_lines(int number, const data_test &t, const outcome &o);

} // namespace barometre::audit
