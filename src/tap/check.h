#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre::tap {

/// What a load of the stream would find and do now: reads all that it would read, and changes nothing. Rows of kind
/// (files, records, column, change, ddl, reject, error), name, detail.
std::vector<std::vector<pg::cell>> check_stream(const project::stream &stream);

/// The first records of the next file, as they would be loaded: record, line, content (jsonb).
std::vector<std::vector<pg::cell>> preview_stream(const project::stream &stream, std::int64_t most);

} // namespace barometre::tap
