#pragma once

#include "pg/pg.h"

extern "C" {
#include "utils/snapshot.h"
}

namespace barometre::pg {

/// Enters tuples that come in the order of a B-tree into its leaves: all that go into one leaf at once, with a search
/// and a lock of that page for all of them, where the server takes these for each. What is not plain (a page that is
/// full, a row that may have the same key) is left to the server, so that pages split, versions are cleared away and
/// sessions wait for each other as with any INSERT. For call(): it may be jumped out of.
class sorted_entries {
public:
    /// Whether the entries of `index` may be entered this way, later than the rows themselves.
    static bool suit(Relation index);

    void open(Relation table, Relation index);
    /// Not below the one before it; it may go after the call.
    void add(IndexTuple entry);
    void close();

private:
    enum class place {
        found,
        elsewhere, ///< beyond this leaf, or enough was done under its lock
        unsure,    ///< the server is to say what becomes of it
    };
    void load_key(IndexTuple entry);
    void begin_leaf();
    place find_place(IndexTuple entry);
    bool may_be_live(OffsetNumber at);
    bool is_row_live(ItemPointerData row, bool *is_dead);
    bool is_key_of(IndexTuple entry) const;
    OffsetNumber search(OffsetNumber from, OffsetNumber behind);
    void stage(IndexTuple entry);
    void write_leaf();
    void log_entry(IndexTuple entry, OffsetNumber at);
    void enter_alone(IndexTuple entry);

    Relation table_ = nullptr, index_ = nullptr;
    MemoryContext memory_ = nullptr; ///< of what comparisons leave behind, for a leaf
    BTScanInsert key_ = nullptr;     ///< of the entry that is looked at
    bool is_unique_ = false, matched_ = false;
    SnapshotData dirty_; ///< what other sessions have not committed yet, too
    IndexFetchTableData *fetch_ = nullptr;
    TupleTableSlot *row_ = nullptr;

    Buffer leaf_ = InvalidBuffer;
    OffsetNumber behind_ = 0;        ///< its last item
    OffsetNumber next_ = 0;          ///< where the next entry is looked for
    int looks_ = 0;                  ///< at rows, under its lock
    Size room_ = 0, used_ = 0;       ///< in the leaf, and of that what is staged takes
    char *staged_ = nullptr;         ///< entries for this leaf
    OffsetNumber *places_ = nullptr; ///< of each, in the leaf as it is now
    int *starts_ = nullptr;          ///< of each, in staged_
    int count_ = 0, end_ = 0;
};

} // namespace barometre::pg
