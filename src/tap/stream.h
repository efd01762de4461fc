#pragma once

#include "core/project/project.h"
#include "load/file_format.h"

namespace barometre::tap {

std::string name_of(const project::stream &stream);  ///< tap.name
std::string shown(const project::stream &stream);    ///< stream "tap.name", for messages
std::string table_of(const project::stream &stream); ///< its table, as SQL names it

/// Whether the map hashes or drops fields: then no value of a record is shown, whatever it is taken for.
bool hides_values(const project::stream &stream);

std::shared_ptr<const load::file_format> format_of(const project::stream &stream);

/// The columns that the map hashes, as a list.
std::string hashed_columns(const project::stream &stream);

} // namespace barometre::tap
