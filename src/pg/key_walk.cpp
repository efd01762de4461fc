#include "pg/key_walk.h"
#include "pg/guard.h"
#include "pg/own_heap.h"

#include <exception>

extern "C" {
#include "executor/tuptable.h"
#include "optimizer/optimizer.h"
#include "storage/bufmgr.h"
#include "utils/rls.h"
}

namespace barometre::pg {

namespace {

/// Rows of the table that may be passed over for one that is compared.
constexpr std::int64_t worth = 4, patience = 10000;

bool may_read(Relation table) {
    const Oid oid = RelationGetRelid(table);
    return pg_class_aclcheck(oid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
           check_enable_rls(oid, InvalidOid, true) == RLS_NONE &&
           RelationGetNumberOfBlocks(table) <= static_cast<BlockNumber>(effective_cache_size);
}

} // namespace

std::unique_ptr<key_walk> key_walk::open(const std::string &schema, const std::string &table, const std::string &key) {
    std::unique_ptr<key_walk> made(new key_walk());
    key_walk &w = *made;
    w.exceptions_ = std::uncaught_exceptions();
    const char *schema_name = schema.c_str(), *table_name = table.c_str(), *key_name = key.c_str();
    const Oid oid = call([&] { return get_relname_relid(table_name, get_namespace_oid(schema_name, true)); });
    if (!OidIsValid(oid) || !rows_elsewhere(oid).empty())
        return nullptr;
    call([&] {
        w.table_ = table_open(oid, AccessShareLock);
        const Oid primary = may_read(w.table_) ? compat::primary_key_index(w.table_) : InvalidOid;
        w.column_ = get_attnum(oid, key_name);
        if (OidIsValid(primary) && w.column_ > 0) {
            Relation index = index_open(primary, AccessShareLock);
            w.type_ = TupleDescAttr(RelationGetDescr(w.table_), w.column_ - 1)->atttypid;
            if (index->rd_index->indnkeyatts == 1 && index->rd_index->indkey.values[0] == w.column_ &&
                index->rd_index->indisvalid && (w.type_ == INT4OID || w.type_ == INT8OID)) {
                w.index_ = index;
                w.memory_ = CurrentMemoryContext;
                w.snapshot_ = RegisterSnapshot(GetLatestSnapshot());
                w.slot_ = table_slot_create(w.table_, nullptr);
                w.scan_ = compat::begin_index_scan(w.table_, w.index_, w.snapshot_, 1);
                return;
            }
            index_close(index, AccessShareLock);
        }
        table_close(w.table_, AccessShareLock);
        w.table_ = nullptr;
    });
    return w.table_ ? std::move(made) : nullptr;
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

bool key_walk::fits(TupleDesc shape, int columns) const {
    TupleDesc mine = RelationGetDescr(table_);
    if (mine->natts < columns || shape->natts < columns)
        return false;
    for (int i = 0; i < columns; ++i) {
        Form_pg_attribute a = TupleDescAttr(mine, i), b = TupleDescAttr(shape, i);
        if (a->attisdropped || strcmp(NameStr(a->attname), NameStr(b->attname)) != 0 || a->atttypid != b->atttypid ||
            a->attlen != b->attlen || a->attalign != b->attalign)
            return false;
    }
    return true;
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

void key_walk::pass(std::int64_t key) {
    over_ = over_ || key <= last_;
    last_ = key;
}

bool key_walk::has(std::int64_t key, HeapTupleHeader row, std::size_t size, int columns) {
    pass(key);
    if (over_)
        return false;
    ++compared_;
    MemoryContext before = MemoryContextSwitchTo(memory_);
    over_ = !advance(key);
    MemoryContextSwitchTo(before);
    if (over_)
        return false;
    if (key_of_slot() != key)
        return false;
    bool must_free = false;
    HeapTuple found = ExecFetchSlotHeapTuple(slot_, false, &must_free);
    HeapTupleHeader theirs = found->t_data;
    bool same = HeapTupleHeaderGetNatts(theirs) >= columns && found->t_len >= theirs->t_hoff + size;
    const bool nulls = row->t_infomask & HEAP_HASNULL, their_nulls = theirs->t_infomask & HEAP_HASNULL;
    for (int i = 0; same && (nulls || their_nulls) && i < columns; ++i)
        same = (nulls && att_isnull(i, row->t_bits)) == (their_nulls && att_isnull(i, theirs->t_bits));
    same = same && memcmp(reinterpret_cast<char *>(row) + row->t_hoff,
                          reinterpret_cast<char *>(theirs) + theirs->t_hoff, size) == 0;
    if (must_free)
        heap_freetuple(found);
    return same;
}

} // namespace barometre::pg
