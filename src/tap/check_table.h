#pragma once

#include "core/project/project.h"
#include "pg/relations.h"

namespace barometre::tap {

/// That a table which is there suits what the stream says of it, where a load changes neither: it has the key that
/// key_properties name, and of columns that the map hashes no value in clear, unless `full_refresh` replaces them.
/// Throws contract, with the statement that helps. A stream without a key whose table has one is a warning. `hashed`:
/// the columns that the last load hashed, as hashed_columns() gives them.
void check_table(const project::stream &stream, const std::vector<pg::table_column> &table, const std::string &hashed,
                 bool full_refresh);

} // namespace barometre::tap
