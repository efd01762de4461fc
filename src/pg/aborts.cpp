#include "pg/aborts.h"
#include "pg/pg.h"

namespace barometre::pg {

namespace {

/// The record is written by now, and the files are still there. PostgreSQL flushes it some tenths of a second later: a
/// crash before that replays the creation of an unlogged table's init fork, and can't make the main fork, of which an
/// empty file stays until the next checkpoint.
void flush_abort() {
    compat::relation_file *files = nullptr;
    if (RecoveryInProgress() || smgrGetPendingDeletes(false, &files) == 0)
        return;
    pfree(files);
    XLogFlush(XactLastRecEnd ? XactLastRecEnd : ProcLastRecPtr + 1);
}

extern "C" void at_abort(XactEvent event, void *) {
    if (event == XACT_EVENT_ABORT)
        flush_abort();
}

extern "C" void at_subtransaction_abort(SubXactEvent event, SubTransactionId, SubTransactionId, void *) {
    if (event == SUBXACT_EVENT_ABORT_SUB)
        flush_abort();
}

} // namespace

void watch_aborts() {
    RegisterXactCallback(at_abort, nullptr);
    RegisterSubXactCallback(at_subtransaction_abort, nullptr);
}

} // namespace barometre::pg
