#include "pg/sorted_entries.h"
#include "pg/compat.h"

#include <type_traits>

extern "C" {
#include "access/nbtxlog.h"
#include "access/rmgr.h"
#include "catalog/pg_index.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/predicate.h"
#include "utils/snapmgr.h"
}

namespace barometre::pg {

static_assert(std::is_trivially_destructible_v<sorted_entries>);

namespace {

/// Rows that are looked at while a leaf is locked: their pages may have to be read.
constexpr int most_looks = 64;

/// Of an entry; the server refuses some that are larger.
constexpr Size most_size = BLCKSZ / 4;

/// What a record of the WAL takes beside the entry, about.
constexpr Size record_size = 56;

} // namespace

bool sorted_entries::suit(Relation index) {
    const Form_pg_index form = index->rd_index;
    if (index->rd_rel->relam != BTREE_AM_OID || !form->indimmediate || form->indisexclusion)
        return false;
    bool has_places, all_alike; // before version 4 entries of one key had no order among them
    _bt_metaversion(index, &has_places, &all_alike);
    return has_places;
}

void sorted_entries::open(Relation table, Relation index) {
    *this = sorted_entries();
    table_ = table;
    index_ = index;
    memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre entries of a leaf", ALLOCSET_DEFAULT_SIZES);
    is_unique_ = index->rd_index->indisunique;
    key_ = _bt_mkscankey(index, nullptr);
    key_->keysz = IndexRelationGetNumberOfKeyAttributes(index);
    if (is_unique_) {
        InitDirtySnapshot(dirty_);
        fetch_ = table_index_fetch_begin(table);
        row_ = table_slot_create(table, nullptr);
    }
    staged_ = static_cast<char *>(palloc(BLCKSZ));
    places_ = static_cast<OffsetNumber *>(palloc(sizeof(OffsetNumber) * MaxIndexTuplesPerPage));
    starts_ = static_cast<int *>(palloc(sizeof(int) * MaxIndexTuplesPerPage));
}

void sorted_entries::add(IndexTuple entry) {
    MemoryContext before = MemoryContextSwitchTo(memory_);
    load_key(entry);
    place found = BufferIsValid(leaf_) ? find_place(entry) : place::elsewhere;
    if (found == place::elsewhere) {
        if (BufferIsValid(leaf_))
            write_leaf();
        MemoryContextReset(memory_);
        begin_leaf();
        found = find_place(entry);
    }
    if (found == place::found) {
        stage(entry);
    } else {
        write_leaf();
        enter_alone(entry);
    }
    MemoryContextSwitchTo(before);
}

void sorted_entries::close() {
    if (BufferIsValid(leaf_))
        write_leaf();
    if (is_unique_) {
        table_index_fetch_end(fetch_);
        ExecDropSingleTupleTableSlot(row_);
    }
    MemoryContextDelete(memory_);
    pfree(key_);
    pfree(staged_);
    pfree(places_);
    pfree(starts_);
}

/// Makes the key that of the entry, as _bt_mkscankey does; with its place, so that there is none like it.
void sorted_entries::load_key(IndexTuple entry) {
    const TupleDesc shape = RelationGetDescr(index_);
    key_->anynullkeys = false;
    for (int i = 0; i < key_->keysz; ++i) {
        bool is_null;
        ScanKey part = &key_->scankeys[i];
        part->sk_argument = index_getattr(entry, i + 1, shape, &is_null);
        part->sk_flags = (is_null ? SK_ISNULL : 0) | (index_->rd_indoption[i] << SK_BT_INDOPTION_SHIFT);
        key_->anynullkeys = key_->anynullkeys || is_null;
    }
    if (index_->rd_index->indnullsnotdistinct)
        key_->anynullkeys = false;
    key_->scantid = &entry->t_tid;
}

/// Locks the first leaf that may have the key.
void sorted_entries::begin_leaf() {
    CHECK_FOR_INTERRUPTS();
    const ItemPointer where = key_->scantid;
    if (is_unique_ && !key_->anynullkeys)
        key_->scantid = nullptr;
    _bt_freestack(compat::search_leaf(table_, index_, key_, &leaf_));
    key_->scantid = where;
    const Page page = BufferGetPage(leaf_);
    next_ = P_FIRSTDATAKEY(BTPageGetOpaque(page));
    behind_ = PageGetMaxOffsetNumber(page);
    room_ = PageGetExactFreeSpace(page);
    used_ = 0;
    count_ = end_ = looks_ = 0;
}

sorted_entries::place sorted_entries::find_place(IndexTuple entry) {
    const Page page = BufferGetPage(leaf_);
    const BTPageOpaque special = BTPageGetOpaque(page);
    const bool checks = is_unique_ && !key_->anynullkeys;
    if (checks)
        key_->scantid = nullptr;
    // What has the bound's key may be in the next leaf, too.
    if (!P_RIGHTMOST(special) && _bt_compare(index_, key_, page, P_HIKEY) >= 0)
        return count_ > 0 ? place::elsewhere : place::unsure;
    if (looks_ >= most_looks)
        return place::elsewhere;
    if (used_ + MAXALIGN(IndexTupleSize(entry)) + sizeof(ItemIdData) > room_ || IndexTupleSize(entry) > most_size)
        return place::unsure;
    OffsetNumber last = static_cast<OffsetNumber>(behind_ + 1);
    if (checks) {
        if (count_ > 0 && is_key_of(reinterpret_cast<IndexTuple>(staged_ + starts_[count_ - 1])))
            return place::unsure;
        next_ = search(next_, last);
        OffsetNumber at = next_;
        for (; at <= behind_ && (at == next_ ? matched_ : _bt_compare(index_, key_, page, at) == 0); ++at)
            if (may_be_live(at))
                return place::unsure;
        key_->scantid = &entry->t_tid;
        last = at;
    }
    next_ = search(next_, last);
    return matched_ ? place::unsure : place::found; // matched: among the places of one key that an item holds together
}

/// The first item from `from` on that is not below the key, or `behind`; matched_ says whether it is equal.
OffsetNumber sorted_entries::search(OffsetNumber from, OffsetNumber behind) {
    const Page page = BufferGetPage(leaf_);
    // Where a leaf gets many entries, the next one is not far from the last.
    int step = count_ > 0 ? 1 : 0;
    matched_ = false;
    while (from < behind) {
        const int middle = (behind - from) / 2;
        const auto at = static_cast<OffsetNumber>(from + (step > 0 ? std::min(step - 1, middle) : middle));
        const int32 order = _bt_compare(index_, key_, page, at);
        if (order > 0) {
            from = static_cast<OffsetNumber>(at + 1);
            step *= 2;
        } else {
            behind = at;
            matched_ = order == 0;
            step = 0;
        }
    }
    return from;
}

/// Whether any row of this item, which has the same key, is there for anybody who may yet commit. Where none is there
/// for anybody at all it is marked, as the server does: a leaf that is full gets room by that, and nobody looks again.
bool sorted_entries::may_be_live(OffsetNumber at) {
    const Page page = BufferGetPage(leaf_);
    const ItemId id = PageGetItemId(page, at);
    if (ItemIdIsDead(id))
        return false;
    const auto item = reinterpret_cast<IndexTuple>(PageGetItem(page, id));
    const int rows = BTreeTupleIsPosting(item) ? BTreeTupleGetNPosting(item) : 1;
    bool all_dead = true;
    for (int i = 0; i < rows; ++i) {
        bool is_dead = false;
        if (is_row_live(BTreeTupleIsPosting(item) ? *BTreeTupleGetPostingN(item, i) : item->t_tid, &is_dead))
            return true;
        all_dead = all_dead && is_dead;
    }
    if (all_dead) {
        ItemIdMarkDead(id);
        BTPageGetOpaque(page)->btpo_flags |= BTP_HAS_GARBAGE;
        MarkBufferDirtyHint(leaf_, true);
    }
    return false;
}

/// Whether it is there for anybody who may yet commit; is_dead: for nobody at all.
bool sorted_entries::is_row_live(ItemPointerData row, bool *is_dead) {
    ++looks_;
    bool again = false;
    const bool is_live = table_index_fetch_tuple(fetch_, &row, &dirty_, row_, &again, is_dead);
    ExecClearTuple(row_);
    return is_live;
}

/// Whether an entry that is staged has the key that is looked at, none of which is NULL, unless NULLs are not distinct.
bool sorted_entries::is_key_of(IndexTuple entry) const {
    for (int i = 0; i < key_->keysz; ++i) {
        const ScanKeyData &part = key_->scankeys[i];
        bool is_null;
        const Datum value = index_getattr(entry, i + 1, RelationGetDescr(index_), &is_null);
        const bool sought_null = (part.sk_flags & SK_ISNULL) != 0;
        if (is_null != sought_null)
            return false;
        if (!is_null && DatumGetInt32(FunctionCall2Coll(const_cast<FmgrInfo *>(&part.sk_func), part.sk_collation, value,
                                                        part.sk_argument)) != 0)
            return false;
    }
    return true;
}

void sorted_entries::stage(IndexTuple entry) {
    const Size size = IndexTupleSize(entry);
    memcpy(staged_ + end_, entry, size);
    starts_[count_] = end_;
    places_[count_++] = next_;
    end_ += static_cast<int>(MAXALIGN(size));
    used_ += MAXALIGN(size) + sizeof(ItemIdData);
}

/// Writes what is staged into its leaf, and lets go of that.
void sorted_entries::write_leaf() {
    if (count_ > 0) {
        CheckForSerializableConflictIn(index_, nullptr, BufferGetBlockNumber(leaf_));
        const Page page = BufferGetPage(leaf_);
        const Size content = BLCKSZ - room_ + used_;
        const bool is_logged = RelationNeedsWAL(index_);
        // A page that is copied into the WAL anyway, or that most of is new, goes there once.
        const bool is_whole = is_logged && (XLogCheckBufferNeedsBackup(leaf_) ||
                                            used_ + record_size * static_cast<Size>(count_) > content);
        CritSectionCount = CritSectionCount + 1;
        MarkBufferDirty(leaf_);
        for (int i = 0; i < count_; ++i) {
            const auto entry = reinterpret_cast<IndexTuple>(staged_ + starts_[i]);
            const auto at = static_cast<OffsetNumber>(places_[i] + i);
            if (PageAddItem(page, reinterpret_cast<Item>(entry), IndexTupleSize(entry), at, false, false) ==
                InvalidOffsetNumber)
                elog(PANIC, "failed to add an entry to \"%s\"", RelationGetRelationName(index_));
            if (is_logged && !is_whole)
                log_entry(entry, at);
        }
        if (is_whole)
            log_newpage_buffer(leaf_, true);
        CritSectionCount = CritSectionCount - 1;
    }
    _bt_relbuf(index_, leaf_);
    leaf_ = InvalidBuffer;
    if (looks_ > 0)
        table_index_fetch_reset(fetch_); // lest a page of the table stay pinned
}

/// As the server writes it for an entry of its own.
void sorted_entries::log_entry(IndexTuple entry, OffsetNumber at) {
    xl_btree_insert head;
    head.offnum = at;
    XLogBeginInsert();
    XLogRegisterData(reinterpret_cast<char *>(&head), SizeOfBtreeInsert);
    XLogRegisterBuffer(0, leaf_, REGBUF_STANDARD);
    XLogRegisterBufData(0, reinterpret_cast<char *>(entry), static_cast<uint32>(IndexTupleSize(entry)));
    const XLogRecPtr written = XLogInsert(RM_BTREE_ID, XLOG_BTREE_INSERT_LEAF);
    PageSetLSN(BufferGetPage(leaf_), written); // a macro, which looks at it twice
}

void sorted_entries::enter_alone(IndexTuple entry) {
    _bt_doinsert(index_, entry, is_unique_ ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, table_);
}

} // namespace barometre::pg
