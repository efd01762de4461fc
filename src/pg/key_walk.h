#pragma once

#include "pg/pg.h"

#include <cstdint>
#include <memory>
#include <string>

namespace barometre::pg {

/// A table's rows in the order of their integer key, walked beside rows that come
/// in the same order, to tell which of those the table holds already. Only a
/// filter: it says so of a row when it is sure, and when the order breaks, or the
/// table has many more rows than come, of none any more.
class key_walk {
public:
    /// `key`: a column of the type integer or bigint, alone in the table's primary key. Nothing
    /// if the table can't be walked by this role, or is larger than what the planner takes to be cached.
    static std::unique_ptr<key_walk> open(const std::string &schema, const std::string &table, const std::string &key);
    ~key_walk();
    key_walk(const key_walk &) = delete;
    key_walk &operator=(const key_walk &) = delete;

    /// Whether the first `columns` columns of the two tables are alike, so that bytes can be compared.
    bool fits(TupleDesc shape, int columns) const;

    // To be called from inside pg::call(). Every row must be told, in its order.
    /// The table has a row of this key whose first columns are the same, byte for byte: `size` bytes
    /// of data, without header, of `columns` columns.
    bool has(std::int64_t key, HeapTupleHeader row, std::size_t size, int columns);
    void pass(std::int64_t key); ///< a row that is not compared

private:
    key_walk() = default;
    bool advance(std::int64_t key);
    std::int64_t key_of_slot() const;

    Relation table_ = nullptr, index_ = nullptr;
    IndexScanDesc scan_ = nullptr;
    Snapshot snapshot_ = nullptr;
    MemoryContext memory_ = nullptr; ///< the scan allocates while it runs, and must outlive a batch
    TupleTableSlot *slot_ = nullptr;
    int column_ = 0; ///< the key's, from 1
    Oid type_ = InvalidOid;
    bool begun_ = false, over_ = false; ///< over: no row is compared any more
    std::int64_t last_ = PG_INT64_MIN;
    std::int64_t walked_ = 0, compared_ = 0;
    int exceptions_ = 0;
};

} // namespace barometre::pg
