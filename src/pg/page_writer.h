#pragma once

#include "pg/pg.h"

namespace barometre::pg {

/// Appends whole pages to a relation that this transaction made, and of which nobody reads them before close(): they
/// are filled in memory of its own, and go to the WAL and to the file as they are. The server's builds of indexes and
/// VACUUM FULL do the same. For call(): it may be jumped out of, and frees what it has with the memory context that was
/// current at open(). Around each call there is a checkpoint_delay.
class page_writer {
public:
    void open(Relation relation);
    /// The next page, to be filled; what was filled before may be written now.
    Page next();
    BlockNumber number() const { return numbers_[filled_ - 1]; } ///< of that page
    void close();                                                ///< writes what is not written yet

private:
    static constexpr int at_once = 32; ///< pages, as many as a record of the WAL may have
    void write();
    void hand_over();

    Relation relation_ = nullptr;
    MemoryContext memory_ = nullptr; ///< of the pages
    char *pages_[at_once] = {};
    BlockNumber numbers_[at_once] = {};
    int filled_ = 0;
    BlockNumber next_ = 0;
    XLogRecPtr handed_over_ = 0; ///< so far
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
