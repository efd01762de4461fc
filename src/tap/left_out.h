#pragma once

#include "tap/discover.h"

/// The memory of files that were left out because they could not be loaded, until they are.
namespace barometre::tap {

/// Files that were left out by earlier loads are parsed, though they may be what the ledger has. Where the order of
/// files counts, so are those that come after them, which were loaded without them.
void retry_left_out(const project::stream &stream, const purpose &why, bool order_counts, discovered &found);

/// Throws where the rows of a file that is left out now would be lost by that, doubled later, or keep another meaning.
void refuse_to_leave_out(const project::stream &stream, const purpose &why, const discovered &found);

/// Writes which files are left out now, and forgets those that were loaded.
void record_left_out(const project::stream &stream, const purpose &why, const discovered &found);

} // namespace barometre::tap
