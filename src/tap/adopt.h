#pragma once

#include "tap/stage.h"

/// Tables of streams that another program made.
namespace barometre::tap {

/// Whether the stream has its table. Throws contract when it is a view, or another kind of which no rows can be loaded.
bool has_table(const project::stream &stream);

/// The stream's table lacks the columns of barometre's, or nothing is known of any load.
bool is_of_others(const project::stream &stream, const std::vector<pg::table_column> &table, const ledger &known);

/// Adds the lineage columns that it lacks; gives what changed, as a clause.
std::string adopt_table(const project::stream &stream, const std::vector<pg::table_column> &table);

/// Of a stream without a key: rows of an adopted table that staged ones are like, in the columns that the files have,
/// get their lineage. Throws contract when there are others, of which a load can't know what they are, unless a full
/// refresh replaces them.
void recognise_rows(const project::stream &stream, const purpose &why, const staged &read);

} // namespace barometre::tap
