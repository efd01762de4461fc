#pragma once

// For query*.cpp only: what parsing, redirecting and analyzing share.
#include "pg/guard.h"
#include "pg/query.h"

namespace barometre::pg::detail {

/// Gives a position in the text together with the text: an outer SQL statement's
/// callback would take it for a position in that statement otherwise.
inline void name_text(void *text) {
    const int position = geterrposition();
    if (position > 0) {
        errposition(0);
        internalerrposition(position);
        internalerrquery(static_cast<const char *>(text));
    }
}

/// Memory for the server's trees, and what must hold while they are made.
class tree_memory {
public:
    explicit tree_memory(const std::string &sql) : text_(sql.c_str()) {
        if (sql.find('\0') != std::string::npos)
            throw error(sqlstate::project_invalid, "the query has a zero byte");
        memory_ =
            call([] { return AllocSetContextCreate(CurrentMemoryContext, "barometre query", ALLOCSET_DEFAULT_SIZES); });
    }
    ~tree_memory() {
        // After an error the server may have left snapshots above this one: the abort pops them all.
        if (snapshot_ && ActiveSnapshotSet() && GetActiveSnapshot() == snapshot_)
            PopActiveSnapshot();
        MemoryContextDelete(memory_);
    }
    tree_memory(const tree_memory &) = delete;
    tree_memory &operator=(const tree_memory &) = delete;

    /// pg::call in this memory; errors come with the text.
    template <class F> void run(F &&f) {
        call([&] {
            ErrorContextCallback callback = {error_context_stack, name_text, const_cast<char *>(text_)};
            error_context_stack = &callback;
            MemoryContext before = MemoryContextSwitchTo(memory_);
            f();
            MemoryContextSwitchTo(before);
            error_context_stack = callback.previous;
        });
    }
    void ensure_snapshot() {
        call([&] {
            if (ActiveSnapshotSet())
                return;
            PushActiveSnapshot(GetTransactionSnapshot());
            snapshot_ = GetActiveSnapshot();
        });
    }

private:
    const char *text_;
    MemoryContext memory_ = nullptr;
    Snapshot snapshot_ = nullptr;
};

/// Throws project_invalid about a place in the text; byte -1: none.
[[noreturn]] void refuse(const std::string &sql, const char *message, int byte, const char *hint = nullptr);

} // namespace barometre::pg::detail
