#pragma once

#include "core/error.h"
#include "pg/row_packer.h"
#include "pg/row_place.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace barometre::pg {

/// Fills a plain heap table that this transaction made and nobody else can see:
/// its columns are `columns`, then _baro_file integer, _baro_line bigint and,
/// in a staging table, _baro_seq bigint. Batches are written as whole pages
/// (own_pages), or with table_multi_insert where that is not all that is needed:
/// no trigger or constraint is looked at, and no index but one: that of a primary key of one integer column, which was
/// made with the table, is filled where the keys ascend. Other sessions see in pg_stat_progress_copy how far it is.
class bulk_insert {
public:
    /// `total_bytes`: of what is read, for the progress.
    bulk_insert(const std::string &schema, const std::string &table, std::vector<insert_column> columns,
                std::int64_t total_bytes);
    ~bulk_insert();
    bulk_insert(const bulk_insert &) = delete;
    bulk_insert &operator=(const bulk_insert &) = delete;

    /// Leaves out the rows that `other`, a table of the same schema with the same columns, has already, where that is
    /// cheap to see. Its key are the required columns. `ascending`: the number of the only one, an integer that is
    /// expected to ascend in what comes if it does so in the first batch; or -1. `bytes`: that are read for this.
    void leave_out_rows_of(const std::string &other, int ascending, std::int64_t bytes);
    std::int64_t left_out() const;   ///< rows
    std::int64_t superseded() const; ///< of them those whose key came again
    bool is_lost() const;            ///< it did not ascend, and nobody knows how many these are
    /// Of each row that was inserted where the one with its key is in that table, if it is known; empty: nothing is.
    const std::vector<row_place> &places() const;
    std::int64_t inserted() const; ///< rows that were inserted or left out

    std::unique_ptr<row_packer> packer() const;
    /// Rows with a value that its column refuses are left out, and added to the batch's rejects: `origins` has what is
    /// known of them, and the reason is the server's, with the value before it unless `hide_values`.
    void insert(row_batch &batch);
    bool hide_values = false;
    void finish();
    /// After finish(): the table has an index, and it knows all rows. Else one that it has is good for nothing, and is
    /// to be dropped.
    bool has_key() const;

private:
    void choose_known(const row_batch &first);
    void form_texts(row_batch &batch);
    void expect_rows(row_batch &batch, std::size_t at, std::size_t &expected);
    void insert_pages(row_batch &batch);
    void count(const row_batch &batch, std::size_t left_out, std::size_t refused);
    std::size_t put(row_batch &batch, std::size_t first, std::size_t n);
    void refuse(row_batch &batch, std::size_t at, std::size_t column, const error &e);
    struct state;
    std::unique_ptr<state> s_;
};

/// "abc" is not of type bigint; without the value if it is not to be shown.
std::string describe_value(std::optional<std::string_view> value, const std::string &type);

} // namespace barometre::pg
