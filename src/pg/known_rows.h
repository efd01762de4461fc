#pragma once

#include "pg/pg.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace barometre::pg {

/// Tells of the rows that come into a staging table which of them another table holds already. Only a filter: it says
/// so of a row when it is sure.
class known_rows {
public:
    virtual ~known_rows() = default;

    // To be called from inside call(). Every row must be told, in its order.
    /// So many rows at most may be told to come before they are asked for.
    static constexpr std::size_t most_expected = 16;
    /// A row that has() will be asked for after those that were told before: what is to be read of memory for it may be
    /// on its way meanwhile. All rows, from the first on, or none.
    virtual void expect(HeapTupleHeader) {}
    /// The other table has a row whose columns are the same, byte for byte, and no row came with its key that was not.
    /// `key`: its integer key, if it has one; `size`: of the data of its columns, without header; 0: not known.
    virtual bool has(std::int64_t key, HeapTupleHeader row, std::size_t size) = 0;
    /// How many of the rows that it knew had a key that came again.
    virtual std::int64_t superseded() const = 0;
    /// It can't tell how many.
    virtual bool is_lost() const = 0;
    /// Where the other table has the row of the key that was told last; invalid: it is not known.
    virtual ItemPointerData place() const = 0;
};

/// What is compared: `columns` columns, the first of `table` and of the staging table, whose `shape` is.
struct known_table {
    Oid table; ///< all its rows are in its own heap
    TupleDesc shape;
    int columns;
    std::vector<int> key; ///< numbers of columns, from 0
};

/// By a walk through the table's primary key, an integer, beside rows that come in its order. Nothing if the table
/// can't be walked by this role, or is larger than what the planner takes to be cached.
std::unique_ptr<known_rows> walk_by_key(const known_table &of);

/// By hashes of the table's rows, for rows that come in any order. Nothing if they don't fit in maintenance_work_mem,
/// equal keys may have other bytes, or the table is much larger than the `bytes` that are read.
std::unique_ptr<known_rows> hash_by_key(const known_table &of, std::int64_t bytes);

/// Of both: opens the table, or gives nothing. Inside call().
Relation open_known(const known_table &of);

} // namespace barometre::pg
