#pragma once

#include "tap/discover.h"

namespace barometre::tap {

/// Has the files from that place in their order on parsed from their beginnings, whatever the ledger says of them: of
/// equal keys the last one in that order then counts again, as if all had been loaded in it at once.
void read_again_from(std::vector<file_plan> &files, std::size_t first);

} // namespace barometre::tap
