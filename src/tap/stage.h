#pragma once

#include "load/fill_table.h"
#include "tap/shape.h"
#include "tap/table.h"

namespace barometre::tap {

/// The third value of a load: its records, in a table.
struct staged {
    std::string table;                         ///< as SQL names it; empty: there are no records, for want of a header
    bool in_place = false;                     ///< it is the stream's own, which was missing; else a staging table
    std::vector<load::planned_column> columns; ///< with the types that all records need
    std::vector<load::input_file> files;       ///< those of the shape, with the ids of their rows
    load::filled filled;                ///< what the files held, one for each, and what of it came into the table
    std::int64_t records = 0;           ///< of all files, with the rejected ones
    std::vector<std::string> changes;   ///< of the stream's table, as clauses: those of the shape, and `wanted`
    alteration wanted;                  ///< what the stream's table lacks for them, but for:
    std::vector<std::string> settled;   ///< columns whose first values say their types
    std::vector<std::string> unsettled; ///< columns that have had no value so far, also not in these files
    /// What the files hold, where a record had a field that was not planned: nothing is staged, and the columns are to
    /// be settled with this.
    std::vector<load::file_content> grown;
    std::string ddl;     ///< the statement that made the stream's table, if it is that
    std::string key_ddl; ///< the one that made its primary key, which knows all rows; empty: it has none yet
};

/// Reads the files into the stream's own table when there is none, else into a staging table. A value that needs a
/// wider type than was found so far makes them be read again.
staged stage(const project::stream &stream, const purpose &why, const discovered &found, const shape &planned,
             load::reject_log &rejects);

/// Throws bad_record if more records were rejected than may be.
void judge(const staged &read, const load::reject_log &rejects);

} // namespace barometre::tap
