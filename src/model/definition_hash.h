#pragma once

#include <string>

namespace barometre::model {

/// SQL for the hash of a definition, given an OID (as an expression): of a view; of a function, and which others have
/// its name; of a table's columns and partitions.
std::string view_hash(const std::string &oid);
std::string function_hash(const std::string &oid);
std::string table_hash(const std::string &oid);

} // namespace barometre::model
