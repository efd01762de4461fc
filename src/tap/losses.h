#pragma once

#include "tap/twins.h"

namespace barometre::tap {

/// What a full refresh takes away because files of the ledger are read no more: says how many of their rows go, and
/// throws contract when they are more than the stream's max_deletes. The columns of the table are as they are to be.
void refuse_losses(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
                   const twins &same);

} // namespace barometre::tap
