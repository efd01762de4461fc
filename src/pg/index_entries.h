#pragma once

#include "pg/pg.h"

extern "C" {
#include "utils/tuplesort.h"
}

namespace barometre::pg {

/// What the B-trees of a table are to hold of rows that were inserted: kept aside, and entered in the order of each
/// tree when all are known, which is several times as fast as in the order of the rows. What is too much for
/// maintenance_work_mem goes to temporary files; where these are limited (temp_file_limit), as rows that need none
/// would be refused for that, a part is entered and the next one begun. For call(): it may be jumped out of, and what
/// it has goes with the memory context that was current at open().
class index_entries {
public:
    /// Takes the indexes for which it can from those that were opened for `info`, whose other ones are entered as ever.
    void open(ResultRelInfo *info, EState *state);
    bool is_open() const { return table_ != nullptr; }
    /// Of a row that is in the table. Its values may go after the call.
    void add(TupleTableSlot *row);
    /// Enters them all. What unique indexes say of them is an error as for any INSERT.
    void close();

private:
    Relation table_; ///< null: it is not open
    EState *state_;
    MemoryContext owner_;
    struct tree {
        Relation index;
        IndexInfo *what;
        Tuplesortstate *entries;
        MemoryContext memory; ///< of these
    };
    void begin(tree &t) const;
    void enter(tree &t) const;
    tree *trees_;
    int count_;
    int kilobytes_;   ///< for the entries of a tree
    bool is_bounded_; ///< they may not go to a file
};

} // namespace barometre::pg
