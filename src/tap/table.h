#pragma once

#include "load/merge.h"
#include "load/planned_column.h"
#include "pg/relations.h"
#include "tap/stream.h"

/// The stream's own table: what a load makes of it.
namespace barometre::tap {

/// Alters columns whose declared type is wider than the table's.
void widen_columns(const project::stream &stream, std::vector<pg::table_column> &table);

/// Makes the table; gives the statement.
std::string create_table(const project::stream &stream, const std::vector<load::planned_column> &columns);

/// What a table lacks for the records that are to go into it.
struct alteration {
    std::string sql;                  ///< empty: nothing
    std::vector<std::string> changes; ///< as clauses
};
/// From the columns that the table has to those that it needs, but for the types of those that are `settled`.
alteration alteration_of(const project::stream &stream, const std::vector<pg::table_column> &table,
                         const std::vector<load::planned_column> &columns, const std::vector<std::string> &settled);
/// Throws contract when another object depends on a column whose type changes.
void alter_table(const project::stream &stream, const alteration &wanted);

/// How many rows it has.
std::int64_t count_rows(const project::stream &stream);

/// Makes the index by which the rows of a file are found; gives the statement.
std::string index_files(const project::stream &stream);

/// Where the key is an integer, gives a table that was just made its primary key, which is filled beside it while keys
/// ascend; gives the statement, or nothing.
std::string begin_key(const project::stream &stream, const std::vector<load::planned_column> &columns);
/// Drops it: they did not.
void drop_key(const project::stream &stream);

struct added_key {
    std::string sql;
    std::int64_t superseded = 0; ///< rows that went: of each key the last one stays
    std::int64_t refused = 0;    ///< rows that went because their key is too long
};
/// Makes the primary key of a table that was just filled.
added_key add_key(const project::stream &stream, std::int64_t run, const load::refuse_row &refuse);

} // namespace barometre::tap
