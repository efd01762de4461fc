#pragma once

#include "pg/guard.h"

#include <exception>

namespace barometre::pg {

/// A snapshot of what this transaction wrote and of what is committed now, also in a transaction that works with one
/// snapshot: rows that others wrote after that one are told, and not overlooked. Or `as_statements` of the transaction
/// see it.
class latest_snapshot {
public:
    explicit latest_snapshot(bool as_statements = false) : exceptions_(std::uncaught_exceptions()) {
        call([&] {
            // As SPI does before a statement that may write: what this command wrote counts too.
            CommandCounterIncrement();
            snapshot_ = RegisterSnapshot(as_statements ? GetTransactionSnapshot() : GetLatestSnapshot());
        });
    }
    ~latest_snapshot() {
        // After an error the transaction's abort frees it.
        if (std::uncaught_exceptions() == exceptions_)
            UnregisterSnapshot(snapshot_);
    }
    latest_snapshot(const latest_snapshot &) = delete;
    latest_snapshot &operator=(const latest_snapshot &) = delete;
    Snapshot get() const { return snapshot_; }

private:
    Snapshot snapshot_ = nullptr;
    int exceptions_;
};

} // namespace barometre::pg
