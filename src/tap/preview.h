#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre::tap {

/// The first records of the next file to be loaded (of the first one, if none is), as they would be loaded: record,
/// line, content (jsonb).
std::vector<pg::row> preview_stream(const project::stream &stream, std::int64_t most);

/// The same of a stream whose tap's files are shared; it need not be known before the file is read.
std::vector<pg::row> preview_shared(const project::tap &tap, const std::string &stream, std::int64_t most);

} // namespace barometre::tap
