#include "pg/page_writer.h"

#include <type_traits>

extern "C" {
#include "storage/bufpage.h"
#include "storage/proc.h"
#include "storage/smgr.h"
#include "utils/rel.h"
}

namespace barometre::pg {

static_assert(std::is_trivially_destructible_v<page_writer>);

void page_writer::open(Relation relation) {
    *this = page_writer();
    relation_ = relation;
    next_ = RelationGetNumberOfBlocks(relation);
    memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre pages", ALLOCSET_DEFAULT_SIZES);
    // As later servers want pages that they hand to the disk.
    char *memory = static_cast<char *>(MemoryContextAlloc(memory_, BLCKSZ * static_cast<Size>(at_once) + 4096));
    memory = reinterpret_cast<char *>(TYPEALIGN(4096, memory));
    for (int i = 0; i < at_once; ++i)
        pages_[i] = memory + static_cast<Size>(i) * BLCKSZ;
}

Page page_writer::next() {
    if (filled_ == at_once)
        write();
    numbers_[filled_] = next_++;
    return pages_[filled_++];
}

/// The pages that are filled. Those of a checkpoint that begins between the record of the WAL and the write to the file
/// would be in neither after a crash: it waits for who says that he is between them, and syncs what was registered.
void page_writer::write() {
    if (filled_ == 0)
        return;
    const bool logs = RelationNeedsWAL(relation_);
    if (logs) {
        MyProc->delayChkptFlags |= DELAY_CHKPT_START;
        compat::log_pages(relation_, filled_, numbers_, pages_);
    }
    for (int i = 0; i < filled_; ++i) {
        PageSetChecksumInplace(pages_[i], numbers_[i]);
        // A segment of the file is registered once, by its last page.
        const bool is_last = i + 1 == filled_ || (numbers_[i] + 1) % static_cast<BlockNumber>(RELSEG_SIZE) == 0;
        smgrextend(RelationGetSmgr(relation_), MAIN_FORKNUM, numbers_[i], pages_[i], !is_last);
    }
    if (logs) {
        MyProc->delayChkptFlags &= ~DELAY_CHKPT_START;
        hand_over();
    }
    filled_ = 0;
}

/// Has the server's WAL writer take what was logged to the disk meanwhile, as commits do that don't wait for it: else
/// this session does so, and waits, whenever a file of the WAL or its buffers are full, and at the commit. Each time
/// for a good part of the buffers: to sync takes long on some disks.
void page_writer::hand_over() {
    const auto part = static_cast<XLogRecPtr>(XLOGbuffers) * XLOG_BLCKSZ / 4;
    if (XactLastRecEnd - handed_over_ < part)
        return;
    handed_over_ = XactLastRecEnd;
    XLogSetAsyncXactLSN(handed_over_);
}

void page_writer::close() {
    write();
    MemoryContextDelete(memory_);
}

checkpoint_delay::~checkpoint_delay() { MyProc->delayChkptFlags &= ~DELAY_CHKPT_START; }

} // namespace barometre::pg
