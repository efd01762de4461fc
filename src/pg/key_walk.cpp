#include "pg/guard.h"
#include "pg/known_rows.h"

#include <exception>

extern "C" {
#include "executor/tuptable.h"
#include "optimizer/optimizer.h"
#include "storage/bufmgr.h"
#include "utils/rls.h"
}

namespace barometre::pg {

Relation open_known(const known_table &of) {
    Relation relation = table_open(of.table, AccessShareLock);
    const TupleDesc mine = RelationGetDescr(relation);
    bool suits = pg_class_aclcheck(of.table, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
                 check_enable_rls(of.table, InvalidOid, true) == RLS_NONE && mine->natts >= of.columns &&
                 of.shape->natts >= of.columns &&
                 RelationGetNumberOfBlocks(relation) <= static_cast<BlockNumber>(effective_cache_size);
    for (int i = 0; suits && i < of.columns; ++i) {
        Form_pg_attribute a = TupleDescAttr(mine, i), b = TupleDescAttr(of.shape, i);
        suits = !a->attisdropped && strcmp(NameStr(a->attname), NameStr(b->attname)) == 0 &&
                a->atttypid == b->atttypid && a->attlen == b->attlen && a->attalign == b->attalign;
    }
    if (suits)
        return relation;
    table_close(relation, AccessShareLock);
    return nullptr;
}

namespace {

/// Rows of the table that may be passed over for one that is compared.
constexpr std::int64_t worth = 4, patience = 10000;

/// A table's rows in the order of their integer key, walked beside rows that come in the same order. When the order
/// breaks, or the table has many more rows than come, it knows none any more.
class key_walk : public known_rows {
public:
    key_walk() : exceptions_(std::uncaught_exceptions()) {}
    ~key_walk() override;
    key_walk(const key_walk &) = delete;
    key_walk &operator=(const key_walk &) = delete;

    bool open(const known_table &of);
    bool has(std::int64_t key, HeapTupleHeader row, std::size_t size) override;
    /// Keys that ascend don't come again.
    std::int64_t superseded() const override { return 0; }
    bool is_lost() const override { return unordered_ && known_ > 0; }
    ItemPointerData place() const override { return place_; }

private:
    bool advance(std::int64_t key);
    bool is_same(HeapTupleHeader row, std::size_t size);
    std::int64_t key_of_slot() const;

    Relation table_ = nullptr, index_ = nullptr;
    IndexScanDesc scan_ = nullptr;
    Snapshot snapshot_ = nullptr;
    MemoryContext memory_ = nullptr; ///< the scan allocates while it runs, and must outlive a batch
    TupleTableSlot *slot_ = nullptr;
    int columns_ = 0, column_ = 0; ///< that are compared; the key's, from 1
    Oid type_ = InvalidOid;
    bool begun_ = false, unordered_ = false, over_ = false; ///< over: no row is compared any more
    std::int64_t last_ = PG_INT64_MIN;
    ItemPointerData place_{};
    std::int64_t walked_ = 0, compared_ = 0, known_ = 0;
    int exceptions_;
};

/// Inside call().
bool key_walk::open(const known_table &of) {
    table_ = open_known(of);
    if (!table_)
        return false;
    columns_ = of.columns;
    column_ = of.key[0] + 1;
    type_ = TupleDescAttr(RelationGetDescr(table_), of.key[0])->atttypid;
    const Oid primary = compat::primary_key_index(table_);
    if (OidIsValid(primary) && (type_ == INT4OID || type_ == INT8OID)) {
        index_ = index_open(primary, AccessShareLock);
        if (index_->rd_index->indnkeyatts == 1 && index_->rd_index->indkey.values[0] == column_ &&
            index_->rd_index->indisvalid) {
            memory_ = CurrentMemoryContext;
            snapshot_ = RegisterSnapshot(GetLatestSnapshot());
            slot_ = table_slot_create(table_, nullptr);
            scan_ = compat::begin_index_scan(table_, index_, snapshot_, 1);
            return true;
        }
        index_close(index_, AccessShareLock);
    }
    table_close(table_, AccessShareLock);
    table_ = nullptr;
    return false;
}

key_walk::~key_walk() {
    // After an error the transaction's abort frees all this.
    if (table_ && std::uncaught_exceptions() == exceptions_) {
        index_endscan(scan_);
        ExecDropSingleTupleTableSlot(slot_);
        UnregisterSnapshot(snapshot_);
        index_close(index_, NoLock);
        table_close(table_, NoLock);
    }
}

std::int64_t key_walk::key_of_slot() const {
    bool is_null;
    const Datum key = slot_getattr(slot_, column_, &is_null);
    return type_ == INT8OID ? DatumGetInt64(key) : DatumGetInt32(key);
}

/// Goes on to the table's first row with this key or a greater one; false: there is none.
bool key_walk::advance(std::int64_t key) {
    if (!begun_) {
        ScanKeyData from;
        if (type_ == INT8OID)
            ScanKeyInit(&from, 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(key));
        else
            ScanKeyInit(&from, 1, BTGreaterEqualStrategyNumber, F_INT4GE, Int32GetDatum(static_cast<int32>(key)));
        index_rescan(scan_, &from, 1, nullptr, 0);
        begun_ = true;
    } else if (key_of_slot() >= key) {
        return true;
    }
    do {
        CHECK_FOR_INTERRUPTS();
        if (++walked_ > worth * compared_ + patience || !index_getnext_slot(scan_, ForwardScanDirection, slot_))
            return false;
    } while (key_of_slot() < key);
    return true;
}

bool key_walk::has(std::int64_t key, HeapTupleHeader row, std::size_t size) {
    unordered_ = unordered_ || key <= last_;
    ItemPointerSetInvalid(&place_);
    last_ = key;
    over_ = over_ || unordered_;
    if (over_ || size == 0)
        return false;
    ++compared_;
    MemoryContext before = MemoryContextSwitchTo(memory_);
    over_ = !advance(key);
    MemoryContextSwitchTo(before);
    if (over_ || key_of_slot() != key)
        return false;
    place_ = slot_->tts_tid;
    if (!is_same(row, size))
        return false;
    ++known_;
    return true;
}

bool key_walk::is_same(HeapTupleHeader row, std::size_t size) {
    bool must_free = false;
    HeapTuple found = ExecFetchSlotHeapTuple(slot_, false, &must_free);
    HeapTupleHeader theirs = found->t_data;
    bool same = HeapTupleHeaderGetNatts(theirs) >= columns_ && found->t_len >= theirs->t_hoff + size;
    const bool nulls = row->t_infomask & HEAP_HASNULL, their_nulls = theirs->t_infomask & HEAP_HASNULL;
    for (int i = 0; same && (nulls || their_nulls) && i < columns_; ++i)
        same = (nulls && att_isnull(i, row->t_bits)) == (their_nulls && att_isnull(i, theirs->t_bits));
    same = same && memcmp(reinterpret_cast<char *>(row) + row->t_hoff,
                          reinterpret_cast<char *>(theirs) + theirs->t_hoff, size) == 0;
    if (must_free)
        heap_freetuple(found);
    return same;
}

} // namespace

std::unique_ptr<known_rows> walk_by_key(const known_table &of) {
    auto walk = std::make_unique<key_walk>();
    if (of.key.size() != 1 || !call([&] { return walk->open(of); }))
        return nullptr;
    return walk;
}

} // namespace barometre::pg
