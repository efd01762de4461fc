#pragma once

#include "core/project/project.h"
#include "pg/relations.h"

namespace barometre::tap {

/// That a table which is there has the key that key_properties name. Throws contract, with the statement that helps. A
/// stream without a key whose table has one is a warning.
void check_key(const project::stream &stream);

/// That its columns which the map hashes are texts. Throws contract.
void check_hashed_types(const project::stream &stream, const std::vector<pg::table_column> &table);

/// That they have no value in clear, unless they are those that the last load hashed: `hashed`, as hashed_columns()
/// gives them. Throws contract, with the statement that helps.
void check_hashed(const project::stream &stream, const std::vector<pg::table_column> &table, const std::string &hashed);

} // namespace barometre::tap
