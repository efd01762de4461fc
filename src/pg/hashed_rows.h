#pragma once

#include "pg/pg.h"
#include "pg/row_place.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// The rows of a table, hashed: what compare_rows() reads.
namespace barometre::pg {

/// 128 bits of XXH3.
struct row_hash {
    std::uint64_t low = 0, high = 0;
    bool operator==(const row_hash &) const = default;
};

/// What rows are hashed with. Random, so that nobody can write rows that collide, and another for
/// each way to hash, so that what one of them hashes never passes for what another does.
struct hash_secrets {
    hash_secrets();
    unsigned char with_nulls[192], without_nulls[192], values[192];
};

/// Buckets of rows, by hash. There are at least 64, a power of two.
struct bucket_set {
    std::vector<std::uint64_t> bits;
    int shift = 0;
    bool has(const row_hash &h) const {
        const std::uint64_t bucket = h.low >> shift;
        return bits[bucket >> 6] >> (bucket & 63) & 1;
    }
};

struct hashed_row {
    row_hash hash;
    row_place place;
};

/// Whether values that are equal by the type's default operator class are the same byte for byte, as the server's own
/// B-trees ask it. Inside call().
bool bytes_decide(Oid type, Oid collation);

/// Hashes rows by their values.
class value_hasher {
public:
    struct column {
        int index, length;
        bool by_value;
    };
    explicit value_hasher(const hash_secrets &secret);
    ~value_hasher();
    value_hasher(const value_hasher &) = delete;
    value_hasher &operator=(const value_hasher &) = delete;

    /// The columns in the order in which their values are hashed.
    void read(std::vector<column> columns);
    /// The same however the values are stored. Inside call().
    row_hash of(const Datum *values, const bool *nulls);

private:
    const hash_secrets &secret_;
    MemoryContext memory_ = nullptr; ///< for the detoasted values of a row
    std::vector<column> columns_;
    std::vector<char> flat_; ///< the values of a row, one after the other
    int exceptions_;
};

/// A plain heap table that is scanned, several times. An error if it isn't one.
class hashed_rows {
public:
    using column = value_hasher::column;
    hashed_rows(Oid table, Snapshot snapshot, const hash_secrets &secret);
    ~hashed_rows();
    hashed_rows(const hashed_rows &) = delete;
    hashed_rows &operator=(const hashed_rows &) = delete;

    TupleDesc shape() const { return shape_; }
    const char *name() const { return RelationGetRelationName(relation_); }
    double estimate() const { return estimate_; }

    /// The columns in the order in which their values are hashed. `alike`: the other table has the same layout.
    void read(std::vector<column> columns, bool alike);

    enum class what {
        places,    ///< all rows, no hashes
        rows,      ///< all rows, with the first hash
        differing, ///< the rows of the buckets that differ, with the hash of their values
        values,    ///< all rows, with the hash of their values
    };
    /// Goes on with the scan, or begins the next one; false, once, at the end of each. Batches may be empty.
    bool next(what w, const bucket_set *buckets = nullptr);
    std::span<const hashed_row> batch() const { return {batch_.data(), count_}; }
    /// The next scan is of `pages` pages from `first` on.
    void limit(std::uint32_t first, std::uint32_t pages) { first_ = first, pages_ = pages; }
    std::uint32_t pages() const; ///< of the table

private:
    void fill(what w, const bucket_set *buckets);
    row_hash hash_row(HeapTuple tuple, bool &of_values);
    row_hash hash_values(HeapTuple tuple);

    const Snapshot snapshot_;
    const hash_secrets &secret_;
    Relation relation_ = nullptr;
    TupleDesc shape_ = nullptr;
    TableScanDesc scan_ = nullptr;
    double estimate_ = 0;
    std::uint32_t first_ = 0, pages_ = InvalidBlockNumber;
    bool alike_ = false, ended_ = false;
    value_hasher hasher_;
    std::vector<Datum> values_;
    std::unique_ptr<bool[]> nulls_;
    std::vector<hashed_row> batch_;
    std::size_t count_ = 0;
    int exceptions_;
};

} // namespace barometre::pg
