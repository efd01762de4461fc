#include "pg/own_pages.h"

#include <type_traits>

extern "C" {
#include "access/heaptoast.h"
#include "storage/bufpage.h"
#include "storage/proc.h"
#include "storage/smgr.h"
#include "utils/rel.h"
}

namespace barometre::pg {

static_assert(std::is_trivially_destructible_v<own_pages>);

void own_pages::open(Relation table) {
    *this = own_pages();
    table_ = table;
    spare_ = static_cast<Size>(RelationGetTargetPageFreeSpace(table, HEAP_DEFAULT_FILLFACTOR));
    next_ = RelationGetNumberOfBlocks(table);
    memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre pages", ALLOCSET_DEFAULT_SIZES);
    // As later servers want pages that they hand to the disk.
    char *memory = static_cast<char *>(MemoryContextAlloc(memory_, BLCKSZ * static_cast<Size>(at_once) + 4096));
    memory = reinterpret_cast<char *>(TYPEALIGN(4096, memory));
    for (int i = 0; i < at_once; ++i)
        pages_[i] = memory + static_cast<Size>(i) * BLCKSZ;
}

void own_pages::begin() {
    transaction_ = GetCurrentTransactionId();
    command_ = GetCurrentCommandId(true);
}

void own_pages::add(HeapTuple row) {
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
    if (is_begun_ && size + spare_ > PageGetHeapFreeSpace(pages_[filled_])) {
        ++filled_;
        is_begun_ = false;
        if (filled_ == at_once)
            write();
    }
    if (!is_begun_)
        next_page();
    const Page page = pages_[filled_];
    const OffsetNumber at =
        PageAddItem(page, reinterpret_cast<Item>(stored->t_data), stored->t_len, InvalidOffsetNumber, false, true);
    if (at == InvalidOffsetNumber)
        elog(ERROR, "failed to add tuple");
    auto *placed = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, PageGetItemId(page, at)));
    ItemPointerSet(&placed->t_ctid, numbers_[filled_], at);
    if (stored != row)
        heap_freetuple(stored);
}

void own_pages::next_page() {
    PageInit(pages_[filled_], BLCKSZ, 0);
    numbers_[filled_] = next_++;
    is_begun_ = true;
}

/// The pages that are filled. Those of a checkpoint that begins between the record of the WAL and the write to the file
/// would be in neither after a crash: it waits for who says that he is between them, and syncs what was registered.
void own_pages::write() {
    if (filled_ == 0)
        return;
    const bool logs = RelationNeedsWAL(table_);
    if (logs) {
        MyProc->delayChkptFlags |= DELAY_CHKPT_START;
        compat::log_pages(table_, filled_, numbers_, pages_);
    }
    for (int i = 0; i < filled_; ++i) {
        PageSetChecksumInplace(pages_[i], numbers_[i]);
        // A segment of the file is registered once, by its last page.
        const bool is_last = i + 1 == filled_ || (numbers_[i] + 1) % static_cast<BlockNumber>(RELSEG_SIZE) == 0;
        smgrextend(RelationGetSmgr(table_), MAIN_FORKNUM, numbers_[i], pages_[i], !is_last);
    }
    if (logs)
        MyProc->delayChkptFlags &= ~DELAY_CHKPT_START;
    filled_ = 0;
}

checkpoint_delay::~checkpoint_delay() { MyProc->delayChkptFlags &= ~DELAY_CHKPT_START; }

void own_pages::close() {
    filled_ += is_begun_ ? 1 : 0;
    is_begun_ = false;
    write();
    MemoryContextDelete(memory_);
}

} // namespace barometre::pg
