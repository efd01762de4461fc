#pragma once

#include "pg/spi.h"
#include "tap/choose.h"

namespace barometre::tap {

/// Rows of kind (files, records, column, change, ddl, reject, error), name, detail.
struct checked {
    std::string stream; ///< empty: they are of the tap
    std::vector<pg::row> rows;
};

/// What a load of these streams would find and do now: reads all that it would read, and changes nothing.
std::vector<checked> check_tap(const chosen &what);

} // namespace barometre::tap
