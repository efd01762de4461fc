#pragma once

#include "pg/pg.h"

namespace barometre::pg {

/// Appends rows to a heap that this transaction made, and that nobody reads before close(): pages are filled in memory
/// of its own, and go to the WAL and to the file as wholes, as the server's builds of indexes and VACUUM FULL do it.
/// Each page is then written once, instead of once as zeros and once from the shared buffers, which stay as they were.
/// For call(): it may be jumped out of, and frees what it has with the memory context that was current at open().
class own_pages {
public:
    /// Whether that is all that is needed: what is decoded from the WAL as rows is not in whole pages.
    static bool suit(Relation table) { return !RelationIsLogicallyLogged(table); }

    void open(Relation table);
    void begin(); ///< rows of the transaction, and of the command, as they are now
    /// A row; its header is written into. A long one is stored apart as ever.
    void add(HeapTuple row);
    void close(); ///< writes what is not written yet; nothing is added afterwards

private:
    static constexpr int at_once = 32; ///< pages, as many as a record of the WAL may have
    void next_page();
    void write();

    Relation table_ = nullptr;
    MemoryContext memory_ = nullptr; ///< of the pages
    char *pages_[at_once] = {};
    BlockNumber numbers_[at_once] = {};
    int filled_ = 0; ///< pages; after them the one that is being filled
    bool is_begun_ = false;
    BlockNumber next_ = 0;
    Size spare_ = 0; ///< bytes that each page keeps free
    TransactionId transaction_ = InvalidTransactionId;
    CommandId command_ = 0;
};

/// Around calls that fill pages: what an error leaves of them must not hold up checkpoints until the transaction ends.
class checkpoint_delay {
public:
    checkpoint_delay() = default;
    ~checkpoint_delay();
    checkpoint_delay(const checkpoint_delay &) = delete;
    checkpoint_delay &operator=(const checkpoint_delay &) = delete;
};

} // namespace barometre::pg
