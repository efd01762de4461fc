#pragma once

#include "tap/load_stream.h"

namespace barometre::tap {

/// Deletes what an extraction says is gone, where the stream has hard_delete: rows that were not seen with the active
/// version of their table or a later one, and those of which `_sdc_deleted_at` is said. Which version a row was seen
/// with is kept in a table beside the stream's, by its key; without a key its file counts. What went is added to
/// `done.moved`. While records are rejected no row goes for not being seen: one of them may have its key. `active`: the
/// version that a file read now made the active one. `lacks_files`: some that come before it are left out, which counts
/// as rejects do.
void obey_versions(const project::stream &stream, const purpose &why, const std::optional<std::int64_t> &active,
                   bool lacks_files, std::int64_t rejected, stream_load &done);

} // namespace barometre::tap
