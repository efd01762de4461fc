#include "pg/upsert_rows.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"
#include "pg/own_heap.h"

#include <bit>
#include <type_traits>

extern "C" {
#include "access/nbtree.h"
#include "catalog/pg_index.h"
#include "executor/tuptable.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/typcache.h"
}

namespace barometre::pg {

namespace {

// What follows runs inside call().

bool takes_upserts(Relation table) {
    return may_be_written_directly(table, ACL_SELECT | ACL_INSERT | ACL_UPDATE) && !table->rd_rel->relhassubclass &&
           table->rd_rel->relreplident != REPLICA_IDENTITY_NOTHING &&
           check_enable_rls(RelationGetRelid(table), InvalidOid, true) == RLS_NONE;
}

/// The equality of the server's own types, which is the same whatever stands in the search path; none for others.
bool find_equality(Oid type, FmgrInfo *equal, Oid *sign) {
    if (getBaseType(type) >= FirstNormalObjectId)
        return false;
    const TypeCacheEntry *known = lookup_type_cache(type, TYPECACHE_EQ_OPR | TYPECACHE_EQ_OPR_FINFO);
    if (!OidIsValid(known->eq_opr) || !OidIsValid(known->eq_opr_finfo.fn_oid))
        return false;
    *sign = known->eq_opr;
    fmgr_info_copy(equal, const_cast<FmgrInfo *>(&known->eq_opr_finfo), CurrentMemoryContext);
    return true;
}

/// A column of the target.
struct upserted_column {
    int from; ///< the number of the source's, or -1
    enum { kept, compared, noted } what;
    FmgrInfo equal;
};

class upserting {
public:
    /// False: it is for INSERT.
    bool open(Oid target, Oid source, const char *const *names, int keys, int compared, int noted) {
        table_ = table_open(target, RowExclusiveLock);
        source_ = table_open(source, AccessShareLock);
        if (takes_upserts(table_) && match_columns(names, keys, compared, noted) && find_index(names, keys)) {
            begin();
            return true;
        }
        if (index_ != nullptr)
            index_close(index_, RowExclusiveLock);
        table_close(source_, AccessShareLock);
        table_close(table_, NoLock);
        return false;
    }

    void merge_all(const row_place *places, upserted_rows &done) {
        // Without joining the scan of another one, which may be in the middle.
        TableScanDesc rows = table_beginscan_strat(source_, snapshot_, 0, nullptr, true, false);
        constexpr std::int64_t often = 1024;
        for (std::int64_t n = 0; table_scan_getnextslot(rows, ForwardScanDirection, come_); ++n) {
            if (n % often == 0)
                CHECK_FOR_INTERRUPTS();
            slot_getallattrs(come_);
            const bool is_there = (places && is_at(places[n])) || find(); // the scan keeps what it allocates
            MemoryContext before = MemoryContextSwitchTo(row_memory_);
            merge_row(is_there, done);
            MemoryContextSwitchTo(before);
            MemoryContextReset(row_memory_);
        }
        table_endscan(rows);
    }

    void close() {
        rows_.close();
        index_endscan(scan_);
        ExecDropSingleTupleTableSlot(come_);
        ExecDropSingleTupleTableSlot(there_);
        ExecDropSingleTupleTableSlot(changed_);
        ExecCloseIndices(info_);
        FreeExecutorState(state_);
        MemoryContextDelete(row_memory_);
        PopActiveSnapshot();
        index_close(index_, NoLock);
        table_close(source_, NoLock);
        table_close(table_, NoLock);
        CommandCounterIncrement();
    }

private:
    bool match_columns(const char *const *names, int keys, int compared, int noted) {
        const TupleDesc mine = RelationGetDescr(table_), theirs = RelationGetDescr(source_);
        columns_ = static_cast<upserted_column *>(
            palloc0(sizeof(upserted_column) * static_cast<std::size_t>(mine->natts + 1)));
        for (int i = 0; i < mine->natts; ++i)
            columns_[i].from = -1;
        for (int k = 0; k < keys + compared + noted; ++k) {
            const int to = SPI_fnumber(mine, names[k]), from = SPI_fnumber(theirs, names[k]);
            if (to <= 0 || from <= 0)
                return false;
            const Form_pg_attribute a = TupleDescAttr(mine, to - 1), b = TupleDescAttr(theirs, from - 1);
            if (a->atttypid != b->atttypid || a->atttypmod != b->atttypmod)
                return false;
            upserted_column &column = columns_[to - 1];
            column.from = from - 1;
            column.what = k < keys              ? upserted_column::kept
                          : k < keys + compared ? upserted_column::compared
                                                : upserted_column::noted;
            Oid sign;
            if (column.what == upserted_column::compared && !find_equality(a->atttypid, &column.equal, &sign))
                return false;
        }
        // What the source has no value for must be NULL in a new row, whatever a statement would make of it.
        for (int i = 0; i < mine->natts; ++i) {
            const Form_pg_attribute a = TupleDescAttr(mine, i);
            if (!a->attisdropped &&
                (a->attgenerated != '\0' || a->attidentity != '\0' ||
                 (columns_[i].from < 0 && (a->atthasdef || get_typtype(a->atttypid) == TYPTYPE_DOMAIN))))
                return false;
        }
        return true;
    }

    /// Opens the index of the primary key, which is to have just these columns, and knows them by their types'
    /// equality.
    bool find_index(const char *const *names, int keys) {
        const Oid primary = compat::primary_key_index(table_);
        if (!OidIsValid(primary))
            return false;
        index_ = index_open(primary, RowExclusiveLock);
        const TupleDesc mine = RelationGetDescr(table_);
        if (!index_->rd_index->indisvalid || index_->rd_rel->relam != BTREE_AM_OID ||
            index_->rd_index->indnkeyatts != keys || keys > INDEX_MAX_KEYS)
            return false;
        for (int i = 0; i < keys; ++i) {
            const AttrNumber at = index_->rd_index->indkey.values[i];
            bool is_named = false;
            for (int k = 0; k < keys; ++k)
                is_named = is_named || SPI_fnumber(mine, names[k]) == at;
            const Oid input = index_->rd_opcintype[i];
            const Oid sign = get_opfamily_member(index_->rd_opfamily[i], input, input, BTEqualStrategyNumber);
            FmgrInfo equal;
            Oid own;
            if (!is_named || !find_equality(TupleDescAttr(mine, at - 1)->atttypid, &equal, &own) || own != sign)
                return false;
            ScanKeyEntryInitialize(&sought_[i], 0, static_cast<AttrNumber>(i + 1), BTEqualStrategyNumber, input,
                                   index_->rd_indcollation[i], get_opcode(sign), Datum{0});
            key_columns_[i] = at - 1;
        }
        keys_ = keys;
        return true;
    }

    void begin() {
        const TupleDesc mine = RelationGetDescr(table_);
        CommandCounterIncrement(); // what this command wrote counts too
        PushActiveSnapshot(GetTransactionSnapshot());
        snapshot_ = GetActiveSnapshot();
        row_memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre row", ALLOCSET_DEFAULT_SIZES);
        state_ = CreateExecutorState();
        info_ = makeNode(ResultRelInfo);
        InitResultRelInfo(info_, table_, 0, nullptr, 0);
        ExecOpenIndices(info_, false);
        rows_.open(table_, batched_rows::target::published);
        command_ = GetCurrentCommandId(true);
        come_ = table_slot_create(source_, nullptr);
        there_ = table_slot_create(table_, nullptr);
        changed_ = MakeSingleTupleTableSlot(mine, &TTSOpsHeapTuple);
        values_ = static_cast<Datum *>(palloc0(sizeof(Datum) * static_cast<std::size_t>(mine->natts + 1)));
        nulls_ = static_cast<bool *>(palloc0(static_cast<std::size_t>(mine->natts + 1)));
        scan_ = compat::begin_index_scan(table_, index_, snapshot_, keys_);
        find_greatest();
    }

    /// The greatest key of all, where it is of one column: what exceeds it is new.
    void find_greatest() {
        if (keys_ != 1)
            return;
        IndexScanDesc all = compat::begin_index_scan(table_, index_, snapshot_, 0);
        index_rescan(all, nullptr, 0, nullptr, 0);
        const bool descends = (index_->rd_indoption[0] & INDOPTION_DESC) != 0;
        is_empty_ = !index_getnext_slot(all, descends ? ForwardScanDirection : BackwardScanDirection, there_);
        if (!is_empty_) {
            const Form_pg_attribute a = TupleDescAttr(RelationGetDescr(table_), key_columns_[0]);
            bool is_null;
            greatest_ = datumCopy(slot_getattr(there_, key_columns_[0] + 1, &is_null), a->attbyval, a->attlen);
            compare_ = index_getprocinfo(index_, 1, BTORDER_PROC);
        }
        index_endscan(all);
    }

    /// Finds it where it was seen.
    bool is_at(const row_place &seen) {
        auto place = std::bit_cast<ItemPointerData>(seen);
        if (!ItemPointerIsValid(&place) || !table_tuple_fetch_row_version(table_, &place, snapshot_, there_))
            return false;
        slot_getallattrs(there_);
        for (int i = 0; i < keys_; ++i) {
            const int at = key_columns_[i], from = columns_[at].from;
            const Form_pg_attribute a = TupleDescAttr(RelationGetDescr(table_), at);
            if (there_->tts_isnull[at] || come_->tts_isnull[from] ||
                !datum_image_eq(there_->tts_values[at], come_->tts_values[from], a->attbyval, a->attlen))
                return false;
        }
        return true;
    }

    /// Finds the row of the target that has the key of the one that comes.
    bool find() {
        for (int i = 0; i < keys_; ++i) {
            const int from = columns_[key_columns_[i]].from;
            if (come_->tts_isnull[from])
                elog(ERROR, "a key of \"%s\" is null", RelationGetRelationName(source_));
            sought_[i].sk_argument = come_->tts_values[from];
        }
        if (is_empty_ ||
            (compare_ != nullptr && DatumGetInt32(FunctionCall2Coll(compare_, index_->rd_indcollation[0],
                                                                    sought_[0].sk_argument, greatest_)) > 0))
            return false;
        index_rescan(scan_, sought_, keys_, nullptr, 0);
        return index_getnext_slot(scan_, ForwardScanDirection, there_);
    }

    bool differs(int at) {
        const upserted_column &column = columns_[at];
        const bool was_null = there_->tts_isnull[at], is_null = come_->tts_isnull[column.from];
        if (was_null || is_null)
            return was_null != is_null;
        const Form_pg_attribute a = TupleDescAttr(RelationGetDescr(table_), at);
        const Datum was = there_->tts_values[at], is = come_->tts_values[column.from];
        return !datum_image_eq(was, is, a->attbyval, a->attlen) &&
               !DatumGetBool(FunctionCall2Coll(const_cast<FmgrInfo *>(&column.equal), a->attcollation, was, is));
    }

    void merge_row(bool is_there, upserted_rows &done) {
        const TupleDesc mine = RelationGetDescr(table_);
        if (!is_there) {
            for (int i = 0; i < mine->natts; ++i) {
                nulls_[i] = columns_[i].from < 0 || come_->tts_isnull[columns_[i].from];
                values_[i] = nulls_[i] ? Datum{0} : come_->tts_values[columns_[i].from];
            }
            MemoryContextSwitchTo(rows_.memory());
            HeapTuple row = heap_form_tuple(mine, values_, nulls_);
            MemoryContextSwitchTo(row_memory_);
            rows_.add(row);
            ++done.inserted;
            return;
        }
        slot_getallattrs(there_);
        bool is_changed = false;
        for (int i = 0; i < mine->natts && !is_changed; ++i)
            is_changed = columns_[i].from >= 0 && columns_[i].what == upserted_column::compared && differs(i);
        if (!is_changed) {
            ++done.unchanged;
            return;
        }
        if (done.updated == 0) // what the executor looks at before it begins: subscribers could not follow
            CheckCmdReplicaIdentity(table_, CMD_UPDATE);
        for (int i = 0; i < mine->natts; ++i) {
            const bool is_new = columns_[i].from >= 0 && columns_[i].what != upserted_column::kept;
            nulls_[i] = is_new                                 ? come_->tts_isnull[columns_[i].from]
                        : TupleDescAttr(mine, i)->attisdropped ? true
                                                               : there_->tts_isnull[i];
            values_[i] = is_new ? come_->tts_values[columns_[i].from] : there_->tts_values[i];
        }
        update();
        ++done.updated;
    }

    void update() {
        ExecStoreHeapTuple(heap_form_tuple(RelationGetDescr(table_), values_, nulls_), changed_, false);
        changed_->tts_tableOid = RelationGetRelid(table_);
        if (RelationGetDescr(table_)->constr != nullptr)
            ExecConstraints(info_, changed_, state_);
        if (!compat::update_row(info_, &there_->tts_tid, changed_, state_, command_, snapshot_))
            raise_changed(table_);
        ExecClearTuple(changed_);
        ResetPerTupleExprContext(state_);
    }

    Relation table_ = nullptr, source_ = nullptr, index_ = nullptr;
    upserted_column *columns_ = nullptr;
    ScanKeyData sought_[INDEX_MAX_KEYS];
    int key_columns_[INDEX_MAX_KEYS], keys_ = 0;
    bool is_empty_ = false;
    Datum greatest_ = 0;
    FmgrInfo *compare_ = nullptr; ///< null: what is the greatest key is not known
    Snapshot snapshot_ = nullptr;
    CommandId command_ = 0;
    MemoryContext row_memory_ = nullptr;
    EState *state_ = nullptr;
    ResultRelInfo *info_ = nullptr;
    IndexScanDesc scan_ = nullptr;
    TupleTableSlot *come_ = nullptr, *there_ = nullptr, *changed_ = nullptr;
    Datum *values_ = nullptr;
    bool *nulls_ = nullptr;
    batched_rows rows_;
};
static_assert(std::is_trivially_destructible_v<upserting>); // call() may jump out of what uses it

} // namespace

std::optional<upserted_rows> upsert_directly(oid target, oid source, const std::vector<std::string> &key,
                                             const std::vector<std::string> &compared,
                                             const std::vector<std::string> &noted,
                                             const std::vector<row_place> *places) {
    if (!rows_elsewhere(target).empty())
        return std::nullopt;
    std::vector<const char *> names;
    for (const auto *part : {&key, &compared, &noted})
        for (const std::string &name : *part)
            names.push_back(name.c_str());
    const char *const *first = names.data();
    const int keys = static_cast<int>(key.size()), others = static_cast<int>(compared.size()),
              more = static_cast<int>(noted.size());
    const row_place *seen = places ? places->data() : nullptr;
    upserted_rows done;
    upserting rows;
    const bool is_done = call([&] {
        if (!rows.open(target, source, first, keys, others, more))
            return false;
        rows.merge_all(seen, done);
        rows.close();
        return true;
    });
    return is_done ? std::optional(done) : std::nullopt;
}

} // namespace barometre::pg
