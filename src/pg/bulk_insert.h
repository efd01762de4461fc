#pragma once

#include "pg/guard.h"

#include <cstdint>

namespace barometre::pg {

/// A column to fill. Values come as text and go through the type's input
/// function.
struct insert_column {
    std::string name;
    std::string type;
    bool md5 = false;      ///< store the lower-case hex MD5 of the text instead
    bool required = false; ///< NULL is refused
};

/// A value that a column refused.
struct refused_value {
    std::size_t column;      ///< index into the columns
    std::int64_t file, line; ///< as given to bulk_insert::end_row
    std::string value;       ///< as it came
    error reason;            ///< the server's
};

/// Fills a plain heap table that this transaction made and nobody else can see:
/// its columns are `columns`, then _baro_file integer, _baro_line bigint and
/// _baro_seq bigint. Rows are kept in a batch bounded by bytes, and written with
/// table_multi_insert: no index, trigger or constraint is looked at.
class bulk_insert {
public:
    bulk_insert(const std::string &schema, const std::string &table, std::vector<insert_column> columns);
    ~bulk_insert();
    bulk_insert(const bulk_insert &) = delete;
    bulk_insert &operator=(const bulk_insert &) = delete;

    void add(std::string_view text); ///< the next column's value
    void add_null();
    void end_row(std::int64_t file, std::int64_t line); ///< throws refused_value
    void finish();                                      ///< writes what is left; throws refused_value

private:
    struct state;
    void flush();
    std::unique_ptr<state> s_;
};

} // namespace barometre::pg
