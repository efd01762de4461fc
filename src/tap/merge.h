#pragma once

#include "load/merge.h"
#include "tap/twins.h"

namespace barometre::tap {

/// The fourth value of a load: what its records did to the stream's table.
struct merged {
    load::merge_counts rows;
    bool table_exists = false;          ///< at the end
    std::vector<std::int64_t> file_ids; ///< of each of staged::files: those that its rows have in the table
    std::vector<std::string> ddl;       ///< statements that changed the table
    twins same;
};

/// Moves the staged records into the stream's table, which first gets the columns and types that they need; or makes
/// the key and the index of a table that was filled in place. What the table refuses goes to the rejects.
merged merge(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
             load::reject_log &rejects);

} // namespace barometre::tap
