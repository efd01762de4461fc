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

void in_subtransaction(const std::function<void()> &f) {
    MemoryContext memory = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    const int level = GetCurrentTransactionNestLevel();
    try {
        call([] { BeginInternalSubTransaction(nullptr); });
        MemoryContextSwitchTo(memory);
        f();
        if (GetCurrentTransactionNestLevel() != level + 1)
            throw error(sqlstate::internal, "a subtransaction was left open, or closed by another than its own end");
        call([] { ReleaseCurrentSubTransaction(); });
    } catch (...) {
        // Also one that could not be begun or ended to the end: who catches the error would go on within it.
        while (GetCurrentTransactionNestLevel() > level)
            call([] { RollbackAndReleaseCurrentSubTransaction(); });
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
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
