#pragma once

#include "run/record.h"
#include "tap/merge.h"

namespace barometre::tap {

/// The fifth value of a load: the step of the run, but for its time. Writes what is kept of it, in the same transaction
/// as the rows: rejects, the change of the table, the files' ledger and the bookmark. An internal error when a record
/// is not accounted for.
run::step record(const project::stream &stream, const purpose &why, const discovered &found, const shape &planned,
                 const staged &read, const merged &moved, load::reject_log &rejects);

/// Takes the bookmark to what the table holds, which has so many rows more than before without a file that was new.
void settle_bookmark(const project::stream &stream, const purpose &why, std::int64_t gained);

/// Forgets files that are not there any more, after a full refresh, which took their rows.
void forget_missing(const project::stream &stream, const discovered &found);

} // namespace barometre::tap
