#pragma once

#include "load/found_types.h"
#include "load/input_file.h"
#include "pg/relations.h"
#include "tap/discover.h"
#include "tap/stream_columns.h"

#include <memory>

namespace barometre::tap {

/// The second value of a load: what its files and its table make of each other.
struct shape {
    std::vector<pg::table_column>
        table; ///< the columns that the table has, with the lineage columns; empty: there is none
    /// Those that it is to have, with the types that were found so far. Empty: no file has a header, or none is to be
    /// read.
    std::vector<load::planned_column> columns;
    load::found_types open;                           ///< the types that may become wider
    std::vector<load::input_file> files;              ///< each of discovered::to_parse()
    std::vector<std::string> changes;                 ///< of the columns, as clauses
    std::vector<std::string> unsettled;               ///< columns of the table that have had no value so far
    std::optional<std::vector<stream_column>> fields; ///< what is to be remembered of them, if that changed
};

class opening;

/// Makes the shape of a load. What it is given outlives it.
class shaping {
public:
    /// Unless records are only shown, the table gets the wider types that the stream declares.
    shaping(const project::stream &stream, const purpose &why, const discovered &found);
    ~shaping();

    /// Reads the headers, and the types of the first records where they are to be found. `seen`: what all files hold,
    /// once it was read. Throws contract when files, table and stream disagree.
    shape settle(const std::vector<load::file_content> &seen = {});

private:
    const project::stream &stream_;
    const purpose &why_;
    const discovered &found_;
    const std::vector<const file_plan *> plans_;
    std::vector<pg::table_column> table_;
    std::vector<std::string> changes_;
    std::unique_ptr<opening> told_;
};

} // namespace barometre::tap
