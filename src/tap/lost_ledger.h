#pragma once

#include "tap/twins.h"

namespace barometre::tap {

/// When the ledger was lost, rows carry ids that no file has. A file that is not in the ledger takes the id of the rows
/// that are most like its own, in its staged rows too, so that they are recognised instead of loaded a second time.
/// Gives the ids of staged::files.
std::vector<std::int64_t> recover_ids(const project::stream &stream, const discovered &found, const staged &read,
                                      const twins &same);

} // namespace barometre::tap
