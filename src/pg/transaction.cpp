#include "pg/transaction.h"
#include "pg/guard.h"

extern "C" {
#include "utils/resowner.h"
}

namespace barometre::pg {

void one_snapshot() {
    if (FirstSnapshotSet)
        throw error(sqlstate::internal, "the transaction has a snapshot already");
    XactIsoLevel = XACT_REPEATABLE_READ;
}

void read_committed() {
    if (!FirstSnapshotSet)
        XactIsoLevel = XACT_READ_COMMITTED;
}

bool is_read_only() { return XactReadOnly || RecoveryInProgress(); }

bool has_one_snapshot() { return IsolationUsesXactSnapshot(); }

void refuse_read_only(const std::string &name) {
    if (RecoveryInProgress())
        throw error("25006", "cannot execute " + name + "() on a standby server", "",
                    "Call it on the primary: on a standby nothing can be written, also nothing that is rolled back.");
    if (XactReadOnly)
        throw error("25006", "cannot execute " + name + "() in a read-only transaction", "",
                    "SET default_transaction_read_only = off, or begin a transaction that is READ WRITE.");
}

std::uint64_t transaction_number() {
    return call([] { return static_cast<std::uint64_t>(GetTopTransactionId()); });
}

namespace {

/// The server can take back no subtransaction that was not begun to its end, as where Citus tells a node of it that was
/// lost. Its session ends then, with what was wrong.
void end_session(const error &e) {
    const char *message = e.message.c_str(), *detail = e.detail.c_str();
    call([&] {
        ereport(FATAL, (errcode(ERRCODE_CONNECTION_FAILURE), errmsg_internal("%s", message),
                        *detail ? errdetail_internal("%s", detail) : 0,
                        errhint("Nothing of it was kept. Connect again, and run it again.")));
    });
}

void begin_subtransaction(int level) {
    try {
        call([] { BeginInternalSubTransaction(nullptr); });
    } catch (const error &e) {
        if (GetCurrentTransactionNestLevel() > level)
            end_session(e);
        throw;
    }
}

} // namespace

void in_subtransaction(const std::function<void()> &f) {
    MemoryContext memory = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    const int level = GetCurrentTransactionNestLevel();
    const auto undo = [&] {
        // Also one that could not be ended to the end: who catches the error would go on within it.
        while (GetCurrentTransactionNestLevel() > level)
            call([] { RollbackAndReleaseCurrentSubTransaction(); });
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
    };
    try {
        begin_subtransaction(level);
        MemoryContextSwitchTo(memory);
        f();
        if (GetCurrentTransactionNestLevel() != level + 1)
            throw error(sqlstate::internal, "a subtransaction was left open, or closed by another than its own end");
        call([] { ReleaseCurrentSubTransaction(); });
    } catch (const error &e) {
        if (GetCurrentTransactionNestLevel() > level + 1 && e.sqlstate.starts_with("08"))
            end_session(e); // one of the extension's own
        undo();
        throw;
    } catch (...) {
        undo();
        throw;
    }
    MemoryContextSwitchTo(memory);
    CurrentResourceOwner = owner;
}

void reading_only(const std::function<void()> &f) {
    in_subtransaction([&] {
        XactReadOnly = true; // as SET transaction_read_only does it; the end of the subtransaction takes it back
        f();
    });
}

void rolled_back(const std::function<void()> &f) {
    struct undo {};
    try {
        in_subtransaction([&] {
            f();
            throw undo();
        });
    } catch (const undo &) {
    }
}

} // namespace barometre::pg
