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

void refuse_read_only(const char *name) {
    call([&] { PreventCommandIfReadOnly(name); });
}

std::uint64_t transaction_number() {
    return call([] { return static_cast<std::uint64_t>(GetTopTransactionId()); });
}

void in_subtransaction(const std::function<void()> &f) {
    MemoryContext memory = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    call([] { BeginInternalSubTransaction(nullptr); });
    MemoryContextSwitchTo(memory);
    try {
        f();
        call([] { ReleaseCurrentSubTransaction(); });
    } catch (...) {
        call([] { RollbackAndReleaseCurrentSubTransaction(); });
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
        throw;
    }
    MemoryContextSwitchTo(memory);
    CurrentResourceOwner = owner;
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
