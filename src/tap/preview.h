#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre::tap {

/// The first records of the next file to be loaded (of the first one, if none is), as they would be loaded: record,
/// line, content (jsonb).
std::vector<pg::row> preview_stream(const project::stream &stream, std::int64_t most);

} // namespace barometre::tap
