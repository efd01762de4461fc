#include "pg/seen_state.h"
#include "pg/guard.h"

#include <algorithm>

namespace barometre::pg {

namespace {

// What follows runs inside pg::call.

/// Whether a transaction that is not our own wrote, and was not over in `snapshot`.
bool wrote_since(TransactionId xid, Snapshot snapshot) {
    return TransactionIdIsNormal(xid) && !TransactionIdIsCurrentTransactionId(xid) &&
           XidInMVCCSnapshot(xid, snapshot) && !TransactionIdDidAbort(xid);
}

bool page_changed(Page page, Snapshot snapshot) {
    const OffsetNumber last = PageGetMaxOffsetNumber(page);
    for (OffsetNumber at = FirstOffsetNumber; at <= last; ++at) {
        ItemId item = PageGetItemId(page, at);
        if (!ItemIdIsNormal(item))
            continue;
        auto *row = reinterpret_cast<HeapTupleHeader>(PageGetItem(page, item));
        if (!HeapTupleHeaderXminFrozen(row) && wrote_since(HeapTupleHeaderGetRawXmin(row), snapshot))
            return true;
        if (!(row->t_infomask & HEAP_XMAX_INVALID) && !HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask) &&
            wrote_since(HeapTupleHeaderGetUpdateXid(row), snapshot))
            return true;
    }
    return false;
}

} // namespace

seen_state::seen_state(bool of_transaction) {
    Snapshot now = call([&] { return of_transaction ? GetTransactionSnapshot() : GetLatestSnapshot(); });
    xmin_ = now->xmin;
    xmax_ = now->xmax;
    running_.assign(now->xip, now->xip + now->xcnt);
    // A copy of one in which a session had too many to list has no list, and yet the number of those before it.
    if (now->subxip)
        running_below_.assign(now->subxip, now->subxip + std::max(now->subxcnt, 0));
    overflowed_ = now->suboverflowed;
    recovery_ = now->takenDuringRecovery;
}

bool seen_state::others_wrote(oid table) const {
    SnapshotData seen = {};
    seen.snapshot_type = SNAPSHOT_MVCC;
    seen.xmin = xmin_;
    seen.xmax = xmax_;
    seen.xip = const_cast<TransactionId *>(running_.data());
    seen.xcnt = static_cast<uint32>(running_.size());
    seen.subxip = const_cast<TransactionId *>(running_below_.data());
    seen.subxcnt = static_cast<int32>(running_below_.size());
    seen.suboverflowed = overflowed_;
    seen.takenDuringRecovery = recovery_;
    return call([&] {
        Relation rel = table_open(table, AccessShareLock);
        BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
        Buffer map = InvalidBuffer;
        bool changed = false;
        const BlockNumber blocks = RelationGetNumberOfBlocks(rel);
        for (BlockNumber block = 0; block < blocks && !changed; ++block) {
            CHECK_FOR_INTERRUPTS();
            // A page with rows that not everybody sees is not all-visible, and this transaction's snapshots count.
            if (VM_ALL_VISIBLE(rel, block, &map))
                continue;
            Buffer buffer = ReadBufferExtended(rel, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
            LockBuffer(buffer, BUFFER_LOCK_SHARE);
            changed = page_changed(BufferGetPage(buffer), &seen);
            UnlockReleaseBuffer(buffer);
        }
        if (BufferIsValid(map))
            ReleaseBuffer(map);
        table_close(rel, NoLock);
        return changed;
    });
}

} // namespace barometre::pg
