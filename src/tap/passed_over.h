#pragma once

#include "tap/discover.h"

namespace barometre::tap {

/// Says which names are no data and which files wait for a later run, and warns when no file is left to read. Throws
/// contract when a full refresh would empty the table because of that.
void tell_passed_over(const project::stream &stream, const purpose &why, const discovered &found);

/// What of a pg::listing is never data, as a clause; empty: nothing.
std::string no_data(const std::vector<std::string> &names);

} // namespace barometre::tap
