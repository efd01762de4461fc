#include "pg/own_pages.h"

#include <type_traits>

extern "C" {
#include "access/heaptoast.h"
#include "storage/bufpage.h"
#include "utils/rel.h"
}

namespace barometre::pg {

static_assert(std::is_trivially_destructible_v<own_pages>);

void own_pages::open(Relation table) {
    *this = own_pages();
    table_ = table;
    spare_ = static_cast<Size>(RelationGetTargetPageFreeSpace(table, HEAP_DEFAULT_FILLFACTOR));
    pages_.open(table);
}

void own_pages::begin() {
    transaction_ = GetCurrentTransactionId();
    command_ = GetCurrentCommandId(true);
}

ItemPointerData own_pages::add(HeapTuple row) {
    HeapTupleHeader header = row->t_data;
    header->t_infomask &= static_cast<uint16>(~HEAP_XACT_MASK);
    header->t_infomask2 &= static_cast<uint16>(~HEAP2_XACT_MASK);
    header->t_infomask |= HEAP_XMAX_INVALID;
    HeapTupleHeaderSetXmin(header, transaction_);
    HeapTupleHeaderSetCmin(header, command_);
    HeapTupleHeaderSetXmax(header, InvalidTransactionId);
    row->t_tableOid = RelationGetRelid(table_);
    HeapTuple stored = row;
    if (HeapTupleHasExternal(row) || row->t_len > TOAST_TUPLE_THRESHOLD)
        stored = heap_toast_insert_or_update(table_, row, nullptr, HEAP_INSERT_SKIP_FSM);
    const Size size = MAXALIGN(stored->t_len);
    if (size > MaxHeapTupleSize)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("row is too big: size %zu, maximum size %zu",
                                                                        size, static_cast<Size>(MaxHeapTupleSize))));
    if (page_ == nullptr || size + spare_ > PageGetHeapFreeSpace(page_)) {
        page_ = pages_.next();
        PageInit(page_, BLCKSZ, 0);
    }
    const OffsetNumber at =
        PageAddItem(page_, reinterpret_cast<Item>(stored->t_data), stored->t_len, InvalidOffsetNumber, false, true);
    if (at == InvalidOffsetNumber)
        elog(ERROR, "failed to add tuple");
    auto *placed = reinterpret_cast<HeapTupleHeader>(PageGetItem(page_, PageGetItemId(page_, at)));
    ItemPointerSet(&placed->t_ctid, pages_.number(), at);
    const ItemPointerData place = placed->t_ctid;
    if (stored != row)
        heap_freetuple(stored);
    return place;
}

void own_pages::close() {
    page_ = nullptr;
    pages_.close();
}

} // namespace barometre::pg
