#pragma once

#include "core/project/project.h"
#include "load/input_file.h"
#include "load/planned_column.h"
#include "pg/relations.h"

namespace barometre::tap {

/// 1600 in PostgreSQL, less the lineage columns.
inline constexpr std::size_t most_columns = 1598;

/// The columns of the stream's table, made from a file whose fields are `names`:
/// mapped columns first, in the map's order of sources, then the rest; each with
/// its declared type, or none. Throws contract when the map, the key or a
/// declared column names a field that is not there.
std::vector<load::planned_column> plan_columns(const project::stream &stream, const std::vector<std::string> &names,
                                               const load::input_file &input);

/// What the map makes of a field: the columns, each with its source; none: it drops the field.
std::vector<project::mapping> targets_of(const project::stream &stream, const std::string &field);

std::vector<std::string> names_of(const std::vector<load::planned_column> &columns);
std::vector<std::string> types_of(const std::vector<load::planned_column> &columns);

bool is_lineage(const std::string &column);

/// The columns of a table that is there already, but for the lineage columns.
std::vector<load::planned_column> columns_of_table(const project::stream &stream,
                                                   const std::vector<pg::table_column> &table);

/// Takes the columns that a file gives into `plan`, by the stream's contract: a new one is added at the end, or left
/// out; one that the file lacks stays. `aside`: columns of the table that no file gave so far; those whose values the
/// server gives stay so. What changed goes into `changes`, as clauses. Throws contract.
void fit_columns(const project::stream &stream, const std::string &file, const std::vector<load::planned_column> &given,
                 const std::vector<pg::table_column> &aside, std::vector<load::planned_column> &plan,
                 std::vector<std::string> &changes);

/// For each column of `plan` the number of its field in a file that gives `given`, or pg::no_field.
std::vector<std::size_t> sources_for(const std::vector<load::planned_column> &plan,
                                     const std::vector<load::planned_column> &given);

/// The decimal sign of a column's numbers.
char decimal_of(const project::stream &stream, const project::column &declared);

} // namespace barometre::tap
