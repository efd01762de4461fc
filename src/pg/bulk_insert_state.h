#pragma once

#include "pg/bulk_insert.h"
#include "pg/key_pages.h"
#include "pg/known_rows.h"
#include "pg/own_pages.h"

namespace barometre::pg {

/// How a column's text becomes a Datum; no destructor, so it may be used inside call().
struct text_reader {
    FmgrInfo input;
    Oid io_parameter;
    int32 typmod;
    bool is_text, is_bigint, is_domain, md5;
};

struct bulk_insert::state {
    std::string schema;
    std::vector<insert_column> columns;
    std::vector<text_reader> readers;
    std::int64_t inserted = 0, left_out = 0;
    std::string other;            ///< whose rows are left out, until it is known how
    std::int64_t other_bytes = 0; ///< that are read
    std::unique_ptr<known_rows> known;
    std::vector<row_place> places; ///< bulk_insert::places()
    bool knows_places = false;
    int integer_key = -1; ///< the column that is the whole key, or that the index is of

    Relation relation = nullptr;
    BulkInsertState bulk = nullptr;
    MemoryContext memory = nullptr;
    std::vector<TupleTableSlot *> slots;
    std::vector<HeapTupleData> tuples;
    std::vector<Datum> values;
    std::unique_ptr<bool[]> nulls;
    std::vector<std::size_t> rows; ///< of the batch, for each slot
    bool is_wide = false;          ///< a row may be too big for a page
    bool has_pages = false;        ///< it is filled by `pages`
    own_pages pages;
    Relation index = nullptr; ///< of the primary key, if there is one
    key_pages keys;
    std::vector<HeapTuple> formed; ///< of a batch: the rows that are kept as text
    std::int64_t formed_key = 0;
    int exceptions = 0;
    void make_room(std::size_t rows);
    HeapTuple form(row_batch &batch, const row_batch::batched_row &row);
    volatile std::size_t at_row = 0, at_column = 0; ///< survive the jump out of a refused value
};

} // namespace barometre::pg
