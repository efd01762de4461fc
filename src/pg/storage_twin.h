#pragma once

#include "pg/oid.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A private table whose storage can take that of a published one's place: see exchange_storage().
namespace barometre::pg {

/// Why the storage of a table is not to be exchanged, whatever with: others would not see it, or something of the table
/// has to see each row. A clause; empty: nothing speaks against it. As it is committed now.
std::string why_not_exchanged(oid table);

/// Makes an empty private table of the columns that `query` gives, and gives it what decides how rows are stored and
/// which rows may be in it, as `table` has it: options, tablespace, storage of columns, NOT NULL, CHECK. Tells in a
/// clause why the two could not be exchanged, though; empty: they could.
std::string make_twin(oid table, const std::string &twin, const std::string &query);

/// Makes the indexes that a table has on its twin, called `twin`_1 and so on in `schema`. Each with its own. Throws
/// what the server says of rows that are twice.
std::vector<std::pair<oid, oid>> make_twin_indexes(oid table, const std::string &schema, const std::string &twin);

/// Why the storage of two tables can't be exchanged, or that of these pairs of their indexes, which are to be all: they
/// may be others by now. A clause; empty: it can.
std::string why_unlike(oid table, oid twin, const std::vector<std::pair<oid, oid>> &indexes);
/// The same without a look at indexes.
std::string why_unlike(oid table, oid twin);

} // namespace barometre::pg
