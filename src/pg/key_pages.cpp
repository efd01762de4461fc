#include "pg/key_pages.h"

#include <type_traits>

extern "C" {
#include "access/nbtree.h"
#include "catalog/pg_index.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/inval.h"
#include "utils/rel.h"
}

namespace barometre::pg {

static_assert(std::is_trivially_destructible_v<key_pages>);

namespace {

/// A key of eight bytes, or four, in a tuple of an index.
union key_tuple {
    IndexTupleData head;
    char bytes[sizeof(IndexTupleData) + sizeof(std::int64_t)];
};
static_assert(sizeof(key_tuple) == MAXALIGN(sizeof(key_tuple)));

constexpr Size entry_size = sizeof(key_tuple) + sizeof(ItemIdData); // in a page
constexpr Size usable = BLCKSZ - SizeOfPageHeaderData - MAXALIGN(sizeof(BTPageOpaqueData));

} // namespace

bool key_pages::suit(Relation index) {
    const Form_pg_index form = index->rd_index;
    if (index->rd_rel->relam != BTREE_AM_OID || index->rd_createSubid == InvalidSubTransactionId ||
        !form->indisprimary || !form->indisvalid || !form->indimmediate || form->indnatts != 1 ||
        index->rd_indoption[0] != 0 || RelationGetNumberOfBlocks(index) != 1)
        return false;
    const Oid type = TupleDescAttr(RelationGetDescr(index), 0)->atttypid;
    return type == index->rd_opcintype[0] && (type == INT4OID || type == INT8OID);
}

void key_pages::open(Relation index) {
    *this = key_pages();
    index_ = index;
    key_size_ = TupleDescAttr(RelationGetDescr(index), 0)->atttypid == INT8OID ? sizeof(int64) : sizeof(int32);
    // As full as the server makes them. Pages but the last one hold the bound of their keys as well.
    const auto room = [](Size free) {
        return static_cast<int>(std::min((usable - free) / entry_size, usable / entry_size - 1));
    };
    most_rows_ = room(static_cast<Size>(BTGetTargetPageFreeSpace(index)));
    most_children_ = room(BLCKSZ * (100 - BTREE_NONLEAF_FILLFACTOR) / 100);
    row_ = static_cast<entry *>(palloc(sizeof(entry) * static_cast<Size>(most_rows_)));
    room_ = 1024;
    firsts_ = static_cast<std::int64_t *>(palloc(sizeof(std::int64_t) * room_));
    pages_.open(index);
}

void key_pages::add(std::int64_t key, const ItemPointerData &place) {
    if (is_broken_ || (has_last_ && key <= last_)) {
        is_broken_ = true;
        return;
    }
    if (rows_ == most_rows_)
        write_leaf(false, key);
    row_[rows_++] = {key, place};
    last_ = key;
    has_last_ = true;
}

void key_pages::close() {
    if (!is_broken_ && has_last_) {
        write_leaf(true, 0);
        BlockNumber first = 1; // of the level
        int level = 0;
        while (pages_made_ > 1) {
            const BlockNumber children = first;
            first += static_cast<BlockNumber>(pages_made_);
            write_level(++level, children);
        }
        pages_.close();
        tell_root(first, level);
    } else {
        pages_.close();
    }
    pfree(row_);
    pfree(firsts_);
}

Page key_pages::begin_page(int level, int flags, BlockNumber previous, BlockNumber following) {
    const Page page = pages_.next();
    _bt_pageinit(page, BLCKSZ);
    const BTPageOpaque special = BTPageGetOpaque(page);
    special->btpo_prev = previous;
    special->btpo_next = following;
    special->btpo_level = static_cast<uint32>(level);
    special->btpo_flags = static_cast<uint16>(flags);
    special->btpo_cycleid = 0;
    return page;
}

void key_pages::add_item(Page page, IndexTuple item) {
    if (PageAddItem(page, reinterpret_cast<Item>(item), IndexTupleSize(item), InvalidOffsetNumber, false, false) ==
        InvalidOffsetNumber)
        elog(ERROR, "failed to add an entry to \"%s\"", RelationGetRelationName(index_));
}

void key_pages::add_key(Page page, std::int64_t key, IndexTuple made) {
    made->t_info |= sizeof(key_tuple);
    char *value = reinterpret_cast<char *>(made) + sizeof(IndexTupleData);
    if (const auto narrow = static_cast<int32>(key); key_size_ == sizeof(narrow))
        memcpy(value, &narrow, sizeof(narrow));
    else
        memcpy(value, &key, sizeof(key));
    add_item(page, made);
}

/// An entry of a leaf.
void key_pages::put(Page page, std::int64_t key, const ItemPointerData &place) {
    key_tuple made = {};
    made.head.t_tid = place;
    add_key(page, key, &made.head);
}

/// What separates pages: the bound of a page's keys, or, with a child, those of the child from those before.
void key_pages::put_bound(Page page, std::int64_t key, BlockNumber child) {
    key_tuple made = {};
    BTreeTupleSetDownLink(&made.head, child);
    BTreeTupleSetNAtts(&made.head, 1, false);
    add_key(page, key, &made.head);
}

/// The first child of a page, which has no bound.
void key_pages::put_first(Page page, BlockNumber child) {
    IndexTupleData made = {};
    made.t_info = sizeof(IndexTupleData);
    BTreeTupleSetDownLink(&made, child);
    BTreeTupleSetNAtts(&made, 0, false);
    add_item(page, &made);
}

void key_pages::write_leaf(bool is_last, std::int64_t next_key) {
    if (pages_made_ == room_) {
        room_ *= 2;
        firsts_ = static_cast<std::int64_t *>(repalloc_huge(firsts_, sizeof(std::int64_t) * room_));
    }
    firsts_[pages_made_++] = row_[0].key;
    const auto number = static_cast<BlockNumber>(pages_made_); // behind the metapage
    const Page page = begin_page(0, is_last && number == 1 ? BTP_LEAF | BTP_ROOT : BTP_LEAF,
                                 number == 1 ? P_NONE : number - 1, is_last ? P_NONE : number + 1);
    if (!is_last)
        put_bound(page, next_key, P_NONE);
    for (int i = 0; i < rows_; ++i)
        put(page, row_[i].key, row_[i].place);
    rows_ = 0;
}

/// A level above the one that was made last, whose pages begin at `children`.
BlockNumber key_pages::write_level(int level, BlockNumber children) {
    const Size below = pages_made_, each = static_cast<Size>(most_children_);
    const BlockNumber first = children + static_cast<BlockNumber>(below);
    pages_made_ = (below + each - 1) / each;
    for (Size made = 0; made < pages_made_; ++made) {
        CHECK_FOR_INTERRUPTS();
        const Size from = made * each, to = std::min(from + each, below);
        const BlockNumber number = first + static_cast<BlockNumber>(made);
        const bool is_last = made + 1 == pages_made_;
        const Page page = begin_page(level, pages_made_ == 1 ? BTP_ROOT : 0, made == 0 ? P_NONE : number - 1,
                                     is_last ? P_NONE : number + 1);
        if (!is_last)
            put_bound(page, firsts_[to], P_NONE);
        put_first(page, children + static_cast<BlockNumber>(from));
        for (Size i = from + 1; i < to; ++i)
            put_bound(page, firsts_[i], children + static_cast<BlockNumber>(i));
        firsts_[made] = firsts_[from];
    }
    return first;
}

void key_pages::tell_root(BlockNumber root, int level) {
    const Buffer buffer = ReadBuffer(index_, BTREE_METAPAGE);
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    BTMetaPageData *meta = BTPageGetMeta(BufferGetPage(buffer));
    CritSectionCount = CritSectionCount + 1;
    meta->btm_root = meta->btm_fastroot = root;
    meta->btm_level = meta->btm_fastlevel = static_cast<uint32>(level);
    MarkBufferDirty(buffer);
    if (RelationNeedsWAL(index_))
        log_newpage_buffer(buffer, true);
    CritSectionCount = CritSectionCount - 1;
    UnlockReleaseBuffer(buffer);
    CacheInvalidateRelcache(index_); // what is remembered of the metapage
}

} // namespace barometre::pg
