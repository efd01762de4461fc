#pragma once

#include "core/project/project.h"
#include "load/csv_input.h"
#include "pg/relations.h"

namespace barometre::tap {

/// stream "tap.name", for messages
std::string shown(const project::stream &stream);
load::csv_format format_of(const project::stream &stream);

/// The columns of the stream's table, made from a file whose fields are `names`:
/// mapped columns first, in the map's order of sources, then the rest; each with
/// its declared type, or none. Throws contract when the map, the key or a
/// declared column names a field that is not there.
std::vector<load::planned_column> plan_columns(const project::stream &stream, const std::vector<std::string> &names,
                                               const std::string &file);

/// Gives `plan` the order and the types of the table that is there already.
/// Throws contract when a column is missing on either side. A declared type that
/// holds all values of the column's is taken over: the column is altered.
void fit_to_table(const project::stream &stream, const std::vector<pg::table_column> &table, const std::string &file,
                  std::vector<load::planned_column> &plan);

/// Alters columns whose declared type is wider than the table's.
void widen_columns(const project::stream &stream, std::vector<pg::table_column> &table);

} // namespace barometre::tap
