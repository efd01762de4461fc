#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre::tap {

/// What a load of the stream would find and do now: reads all that it would read, and changes nothing. Rows of kind
/// (files, records, column, change, ddl, reject, error), name, detail.
std::vector<pg::row> check_stream(const project::stream &stream);

} // namespace barometre::tap
