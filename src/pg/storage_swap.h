#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <utility>
#include <vector>

/// The files of two tables, exchanged: what the server does when it writes a table anew (VACUUM FULL, CLUSTER), with a
/// table, and indexes, that are filled already.
namespace barometre::pg {

/// Whether an extension watches who writes into tables, or how they are changed.
bool tables_are_watched();

/// Whether this session itself is reading the table, or has yet to run triggers of it.
bool is_in_use_here(oid table);

/// Whether another session works with a snapshot of this database now, or somebody at a standby may.
bool others_have_snapshots();

/// Waits until what this session wrote is on the disk, as its commit would.
void flush_log();

/// A table whose toast and indexes go with it.
std::vector<oid> parts_of(oid table); ///< itself, its toast table and its indexes

/// Exchanges what is stored of two permanent heap tables, of which this transaction made `made`, and of their indexes,
/// pair by pair, with what the planner knows of it. Rows of `made` are frozen, and the two are laid out the same to the
/// byte, as are the indexes: who calls it has seen to that, and holds all parts of both in ACCESS EXCLUSIVE MODE.
/// `rows`: how many `made` has.
void exchange_storage(oid table, oid made, const std::vector<std::pair<oid, oid>> &indexes, std::int64_t rows);

} // namespace barometre::pg
