#pragma once

#include "pg/page_writer.h"

namespace barometre::pg {

/// Appends rows to a heap that this transaction made, and that nobody reads before close(), in whole pages.
/// Each page is then written once, instead of once as zeros and once from the shared buffers, which stay as they were.
/// For call(), as page_writer is.
class own_pages {
public:
    /// Whether that is all that is needed: what is decoded from the WAL as rows is not in whole pages.
    static bool suit(Relation table) { return !RelationIsLogicallyLogged(table); }

    void open(Relation table);
    void begin(); ///< rows of the transaction, and of the command, as they are now
    /// A row; its header is written into. A long one is stored apart as ever. Gives its place.
    ItemPointerData add(HeapTuple row);
    void close(); ///< writes what is not written yet; nothing is added afterwards

private:
    Relation table_ = nullptr;
    page_writer pages_;
    Page page_ = nullptr; ///< that is being filled
    Size spare_ = 0;      ///< bytes that each page keeps free
    TransactionId transaction_ = InvalidTransactionId;
    CommandId command_ = 0;
};

} // namespace barometre::pg
