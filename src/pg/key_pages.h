#pragma once

#include "pg/page_writer.h"

#include <cstdint>

namespace barometre::pg {

/// Fills the index of a primary key with the keys of rows that come in its order: its pages are what the server's own
/// build makes of them, without reading the table again and without a sort. For call(), as page_writer is.
class key_pages {
public:
    /// Whether `index` is one that this transaction made, is empty, and is of one ascending column of type integer or
    /// bigint alone.
    static bool suit(Relation index);

    void open(Relation index);
    /// A row's key, and its place. A key that is not greater than the one before it ends the work: the index is then
    /// good for nothing.
    void add(std::int64_t key, const ItemPointerData &place);
    bool is_broken() const { return is_broken_; }
    /// Makes the index whole, unless it is broken.
    void close();

private:
    struct entry {
        std::int64_t key;
        ItemPointerData place;
    };
    Page begin_page(int level, int flags, BlockNumber previous, BlockNumber following);
    void put(Page page, std::int64_t key, const ItemPointerData &place);
    void put_bound(Page page, std::int64_t key, BlockNumber child);
    void put_first(Page page, BlockNumber child);
    void add_key(Page page, std::int64_t key, IndexTuple made);
    void add_item(Page page, IndexTuple item);
    void write_leaf(bool is_last, std::int64_t next_key);
    BlockNumber write_level(int level, BlockNumber children);
    void tell_root(BlockNumber root, int level);

    Relation index_ = nullptr;
    page_writer pages_;
    Size key_size_ = 0;
    entry *row_ = nullptr; ///< of the leaf that is being filled
    int rows_ = 0, most_rows_ = 0, most_children_ = 0;
    std::int64_t *firsts_ = nullptr; ///< of each page of the level below, its first key
    Size pages_made_ = 0, room_ = 0;
    std::int64_t last_ = 0;
    bool has_last_ = false, is_broken_ = false;
};

} // namespace barometre::pg
