#include "pg/guard.h"
#include "pg/hashed_rows.h"
#include "pg/known_rows.h"
#include "pg/latest_snapshot.h"
#include "pg/row_difference.h"

#include <algorithm>
#include <bit>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>

extern "C" {
#include "access/tupmacs.h"
}

namespace barometre::pg {

namespace {

/// A table's rows by a hash of their key, each with a hash of all that is compared and with what became of it.
class key_hashes : public known_rows {
public:
    enum class opened { yes, no, too_small }; ///< too small: for the rows that there are

    /// Inside call().
    opened open(const known_table &of, std::int64_t bytes, std::size_t memory, double at_least, Snapshot snapshot);
    double estimate() const { return estimate_; } ///< of the table's rows
    void expect(HeapTupleHeader row) override;
    bool has(std::int64_t key, HeapTupleHeader row, std::size_t size) override;
    std::int64_t superseded() const override { return superseded_; }
    bool is_lost() const override { return false; }
    ItemPointerData place() const override { return std::bit_cast<ItemPointerData>(place_); }

private:
    struct column {
        int length;
        char align;
        bool is_key;
    };
    struct hashes {
        std::uint64_t key, row; ///< key 0: of no row
    };
    /// What became of a row of the table: in the last two bits of its hash.
    enum state : std::uint64_t { untouched, known, differs };
    static constexpr std::uint64_t state_bits = 3;

    bool describe(Relation table, const known_table &of);
    bool hash(HeapTupleHeader row, hashes &out) const;
    opened read(Relation table, Snapshot snapshot);
    std::size_t home(std::uint64_t key) const {
        return static_cast<std::size_t>(static_cast<unsigned __int128>(key) * slots_ >> 64);
    }
    void prefetch(std::uint64_t key) const { __builtin_prefetch(&entries_[home(key)], 1); }
    /// That of the key, or the free one where it belongs.
    hashes &entry(std::uint64_t key) {
        auto at = home(key);
        while (entries_[at].key != 0 && entries_[at].key != key)
            at = at + 1 == slots_ ? 0 : at + 1;
        return entries_[at];
    }

    std::unique_ptr<column[]> columns_;
    int count_ = 0;
    std::uint64_t seed_ = 0;
    std::unique_ptr<hashes[]> entries_;
    std::unique_ptr<row_place[]> places_; ///< of each entry, if there was memory for it
    row_place place_{};
    std::size_t slots_ = 0;
    double estimate_ = 0;
    std::int64_t superseded_ = 0;
    hashes expected_[most_expected]; ///< the last ones, in a circle
    std::size_t told_ = 0, asked_ = 0;
};

bool key_hashes::describe(Relation table, const known_table &of) {
    for (int i = 0; i < count_; ++i) {
        Form_pg_attribute a = TupleDescAttr(RelationGetDescr(table), i);
        const bool is_key = std::find(of.key.begin(), of.key.end(), i) != of.key.end();
        if (is_key && !bytes_decide(a->atttypid, a->attcollation))
            return false;
        columns_[i] = {a->attlen, a->attalign, is_key};
    }
    return true;
}

/// False: a value of it does not lie in the row as it came. Reads its bytes as nocachegetattr() does
/// (src/backend/access/common/heaptuple.c).
bool key_hashes::hash(HeapTupleHeader row, hashes &out) const {
    const bool has_nulls = row->t_infomask & HEAP_HASNULL;
    if (HeapTupleHeaderGetNatts(row) < count_)
        return false;
    const char *data = reinterpret_cast<const char *>(row) + row->t_hoff;
    std::size_t end = 0;
    std::uint64_t nulls = seed_;
    out.key = seed_;
    for (int i = 0; i < count_; ++i) {
        const column &c = columns_[i];
        if (has_nulls && att_isnull(i, row->t_bits)) {
            nulls = XXH3_64bits_withSeed(&i, sizeof i, nulls);
            continue;
        }
        end = att_align_pointer(end, c.align, c.length, data + end);
        const char *value = data + end;
        if (c.length == -1 && (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value)))
            return false;
        if (c.is_key)
            out.key = c.length == -1 ? XXH3_64bits_withSeed(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), out.key)
                                     : XXH3_64bits_withSeed(value, static_cast<std::size_t>(c.length), out.key);
        end = att_addlength_pointer(end, c.length, value);
    }
    out.key += out.key == 0;
    out.row = XXH3_64bits_withSeed(data, end, nulls) & ~state_bits;
    return true;
}

key_hashes::opened key_hashes::open(const known_table &of, std::int64_t bytes, std::size_t memory, double at_least,
                                    Snapshot snapshot) {
    constexpr int worth = 4; // so many times what is read
    constexpr double spare = 1.1, slots_a_row = 1.5;
    Relation relation = open_known(of);
    if (!relation)
        return opened::no;
    opened answer = opened::no;
    BlockNumber pages = 0;
    double visible;
    if (relation->rd_rel->relkind == RELKIND_RELATION && relation->rd_rel->relam == HEAP_TABLE_AM_OID &&
        static_cast<std::int64_t>(RelationGetNumberOfBlocks(relation)) * BLCKSZ <= worth * bytes) {
        table_relation_estimate_size(relation, nullptr, &pages, &estimate_, &visible);
        estimate_ = std::max({estimate_ * spare, at_least, 1000.0});
        slots_ = static_cast<std::size_t>(estimate_ * slots_a_row);
        if (slots_ * sizeof(hashes) <= memory && pg_strong_random(&seed_, sizeof seed_)) {
            count_ = of.columns;
            columns_.reset(new (std::nothrow) column[static_cast<std::size_t>(count_)]);
            entries_.reset(new (std::nothrow) hashes[slots_]());
            if (slots_ * (sizeof(hashes) + sizeof(row_place)) <= memory)
                places_.reset(new (std::nothrow) row_place[slots_]);
            if (columns_ && entries_ && describe(relation, of))
                answer = read(relation, snapshot);
        }
    }
    table_close(relation, NoLock);
    return answer;
}

/// Each row's entry is asked of memory some rows before it is looked at: the table of them is larger than the caches.
key_hashes::opened key_hashes::read(Relation table, Snapshot snapshot) {
    TableScanDesc scan = table_beginscan(table, snapshot, 0, nullptr);
    double left = estimate_;
    struct {
        hashes its;
        row_place place;
    } row, waiting[most_expected] = {};
    const auto enter = [&] {
        hashes &e = entry(row.its.key);
        if (e.key != 0) { // another key has that hash
            e.row |= differs;
        } else {
            --left;
            e = row.its;
            if (places_)
                places_[static_cast<std::size_t>(&e - entries_.get())] = row.place;
        }
    };
    std::size_t at = 0;
    while (HeapTuple tuple = left >= double{most_expected} ? heap_getnext(scan, ForwardScanDirection) : nullptr) {
        CHECK_FOR_INTERRUPTS();
        if (!hash(tuple->t_data, row.its))
            continue; // rows with its key are new to this, and compared by who merges
        row.place = std::bit_cast<row_place>(tuple->t_self);
        prefetch(row.its.key);
        if (places_)
            __builtin_prefetch(&places_[home(row.its.key)], 1);
        std::swap(row, waiting[at]);
        at = (at + 1) % most_expected;
        if (row.its.key != 0)
            enter();
    }
    table_endscan(scan);
    if (left < double{most_expected})
        return opened::too_small;
    for (const auto &last : waiting) {
        row = last;
        if (row.its.key != 0)
            enter();
    }
    return opened::yes;
}

void key_hashes::expect(HeapTupleHeader row) {
    hashes &its = expected_[told_++ % most_expected];
    if (hash(row, its))
        prefetch(its.key);
    else
        its.key = 0;
}

bool key_hashes::has(std::int64_t, HeapTupleHeader row, std::size_t) {
    hashes its;
    if (asked_ < told_)
        its = expected_[asked_++ % most_expected];
    else if (!hash(row, its))
        its.key = 0;
    place_ = {};
    if (its.key == 0)
        return false;
    hashes &e = entry(its.key);
    if (e.key == 0)
        return false;
    const auto was = static_cast<state>(e.row & state_bits);
    const bool same = was != differs && (e.row & ~state_bits) == its.row;
    if (was == known)
        ++superseded_;
    if (was != differs)
        e.row = (e.row & ~state_bits) | (same ? known : differs);
    if (!same && places_)
        place_ = places_[static_cast<std::size_t>(&e - entries_.get())];
    return same;
}

} // namespace

std::unique_ptr<known_rows> hash_by_key(const known_table &of, std::int64_t bytes) {
    if (of.key.empty())
        return nullptr;
    const std::size_t memory = memory_for_comparing();
    const latest_snapshot snapshot;
    double at_least = 0;
    for (;;) {
        auto made = std::make_unique<key_hashes>();
        const auto answer = call([&] { return made->open(of, bytes, memory, at_least, snapshot.get()); });
        if (answer == key_hashes::opened::yes)
            return made;
        if (answer == key_hashes::opened::no)
            return nullptr;
        at_least = 2 * made->estimate();
    }
}

} // namespace barometre::pg
