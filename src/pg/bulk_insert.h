#pragma once

#include "pg/guard.h"
#include "pg/key_walk.h"
#include "pg/row_packer.h"

#include <cstdint>

namespace barometre::pg {

/// A value that a column refused.
struct refused_value {
    std::size_t column;      ///< index into the columns
    std::int64_t file, line; ///< as given to row_packer::put
    std::string value;       ///< as it came
    error reason;            ///< the server's
};

/// Fills a plain heap table that this transaction made and nobody else can see:
/// its columns are `columns`, then _baro_file integer, _baro_line bigint and,
/// in a staging table, _baro_seq bigint. Batches are written with
/// table_multi_insert: no index, trigger or constraint is looked at. Other
/// sessions see in pg_stat_progress_copy how far it is.
class bulk_insert {
public:
    /// `total_bytes`: of what is read, for the progress.
    bulk_insert(const std::string &schema, const std::string &table, std::vector<insert_column> columns,
                std::int64_t total_bytes);
    ~bulk_insert();
    bulk_insert(const bulk_insert &) = delete;
    bulk_insert &operator=(const bulk_insert &) = delete;

    /// Leaves out the rows that `walk` knows, if `key`, the column's number, and the tables fit.
    void leave_out(std::unique_ptr<key_walk> walk, int key);
    std::int64_t left_out() const;

    std::unique_ptr<row_packer> packer() const;
    void insert(row_batch &batch); ///< throws refused_value
    void finish();

private:
    struct state;
    std::unique_ptr<state> s_;
};

} // namespace barometre::pg
