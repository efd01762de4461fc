#pragma once

#include "load/found_types.h"
#include "load/input_file.h"
#include "pg/relations.h"
#include "tap/discover.h"
#include "tap/stream_columns.h"

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

/// Reads the headers, and the types of the first records where they are to be found. Before, the table gets the wider
/// types that the stream declares, unless records are only shown. Throws contract when files, table and stream
/// disagree.
shape settle_shape(const project::stream &stream, const purpose &why, const discovered &found);

} // namespace barometre::tap
