#pragma once

#include "pg/index_entries.h"

#include <cstddef>
#include <cstdint>

namespace barometre::pg {

/// Whether this transaction made a heap table, and no index, trigger, rule or row security has to know of its rows: an
/// event trigger may have added some. Its constraints are another matter. `but_indexes`: whatever its indexes are.
bool has_nothing_attached(Relation table, bool but_indexes = false);

/// Whether nothing but the server's own code runs when rows of a heap table are written past the executor, and the role
/// has all of `wanted` on it. Row security is another matter. `but_triggers`: so are its triggers.
bool may_be_written_directly(Relation table, AclMode wanted, bool but_triggers = false);

/// A row was changed since it was looked at: 40001.
[[noreturn]] void raise_changed(Relation table);

/// Rows on their way into a heap table, past the planner and the executor, a batch at a time. For call() and for
/// parallel workers' leaders: it may be jumped out of, and frees what it has with the memory context that was current
/// at open().
class batched_rows {
public:
    enum class target {
        ours,      ///< has_nothing_attached(), and it has no constraints
        published, ///< CHECK, NOT NULL and indexes are the server's own
        frozen,    ///< ours, with CHECK and NOT NULL but without indexes; its rows are frozen
    };
    /// The caller has locked it, has looked at it, and closes it.
    void open(Relation table, target what);
    /// From now on rows are of the command as it is now; also when parallel workers run later. open() does that, too.
    void begin_command();
    /// Where a row may be made that is then given to add(): it goes with its batch.
    MemoryContext memory() const { return memory_; }
    void add(HeapTuple row);
    void flush();
    void close(); ///< the rest is written; the next command sees all
    std::int64_t inserted() const { return inserted_; }

private:
    static constexpr int most_rows = 1000;
    static constexpr std::size_t most_bytes = 65536; ///< or fewer rows, when they are as large as this
    static constexpr int few_rows = 32;              ///< of all: not worth a sort of what indexes get

    void enter_into_indexes();

    Relation table_;
    target what_;
    MemoryContext owner_, memory_; ///< of all this, and of a batch
    EState *state_;                ///< null: nothing is looked at
    ResultRelInfo *info_;
    index_entries entries_; ///< open once there are more than few rows
    TupleDesc shape_;       ///< of the slots: a copy, which they need not keep count of
    BulkInsertState bulk_;
    CommandId command_;
    TupleTableSlot **slots_;
    int made_, count_; ///< slots, and rows in them
    std::size_t bytes_;
    std::int64_t inserted_;
};

} // namespace barometre::pg
