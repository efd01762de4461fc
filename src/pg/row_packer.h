#pragma once

#include "core/record/field.h"
#include "core/value/fault.h"
#include "core/value/format.h"
#include "pg/oid.h"
#include "pg/reject.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barometre::pg {

/// A column of what is inserted, besides the lineage columns.
struct insert_column {
    std::string name, type;
    bool md5 = false;      ///< the value is replaced by its MD5 hash
    bool required = false; ///< NULL is refused
    bool found = false;    ///< its type was found on other values, and may be too narrow for this one
    bool unseen = false;   ///< no value of it was seen so far, so that its type is not found at all
    std::vector<value::time_format> formats{};         ///< of a date or timestamp; empty: the server's forms
    char decimal = '.';                                ///< of a number
    value::date_order order = value::date_order::none; ///< of dates without a format
    bool utc =
        false; ///< without time zone, of texts that have one: a timestamp is the time in UTC, else it must be UTC
};

/// The type of a table's column, as the catalog has it.
struct stored_type {
    oid type = no_oid;
    std::int32_t modifier = -1;
};

/// Rows on their way from the reader to the table. A row whose values are all of
/// an ordinary form is a heap tuple already; any other is kept as text, for the
/// server's input functions.
struct row_batch {
    struct batched_row {
        std::int64_t file, line, sequence;
        std::size_t offset; ///< of the tuple in `bytes`, or of the first of its `texts`
        std::uint32_t size; ///< of the tuple; 0: as text
        std::uint32_t
            data;         ///< bytes of the tuple's columns, without header and lineage; as text: its place in `origins`
        std::int64_t key; ///< of a tuple, when key_column() is one
    };
    struct value_text {
        std::size_t offset; ///< in `bytes`
        std::int64_t size;  ///< -1: NULL
    };
    /// Bytes that grow without being set to zero.
    class store {
    public:
        char *data() { return data_.get(); }
        std::size_t size() const { return size_; }
        std::size_t capacity() const { return capacity_; }
        void reserve(std::size_t capacity);
        void set_size(std::size_t size) { size_ = size; } ///< up to capacity()

    private:
        std::unique_ptr<char[]> data_;
        std::size_t size_ = 0, capacity_ = 0;
    };
    store bytes; ///< tuples, and texts that each end in a NUL
    std::vector<value_text> texts;
    std::vector<batched_row> rows;
    std::vector<reject> origins; ///< for each row that is kept as text: where it comes from, should it be refused
    std::vector<reject> rejects;
    std::uint64_t read_bytes = 0; ///< of all files, up to the record with which the batch was full

    bool full() const;
    void clear();
};

/// In place of a field's number: the file has no such field, and its values are NULL.
inline constexpr std::size_t no_field = static_cast<std::size_t>(-1);

inline const record::field &field_at(const std::vector<record::field> &fields, std::size_t source) {
    static const record::field nothing{{}, true};
    return source == no_field ? nothing : fields[source];
}

/// Makes rows of a table. Made in the backend; put() is all that the reader
/// thread calls, and calls nothing of the server. The tuples are laid out here, value
/// after value as it is read, as heap_fill_tuple would (src/backend/access/common/
/// heaptuple.c): the detour over Datums was a sixth of the reader's time.
class row_packer {
public:
    /// `types`, of the table: those of `columns`, then of _baro_file, _baro_line, and
    /// perhaps of _baro_seq, a number that grows with each row.
    row_packer(const std::vector<stored_type> &types, const std::vector<insert_column> &columns);
    row_packer(const row_packer &) = delete;
    row_packer &operator=(const row_packer &) = delete;

    enum class outcome {
        packed,
        misfit, ///< packed, but the value of at_column() is not of the form by which its type is found
        text,   ///< kept as text; its place in `origins` is for the caller to fill
        refused ///< not added: the value of at_column() is NULL where none may be, or what sqlstate() says
    };
    /// Of the rows to come, field_at(fields, sources[i]) is the value of column i.
    void take_from(const std::vector<std::size_t> &sources);
    /// Adds one row. `has_margins`: as record_input has it.
    outcome put(const std::vector<record::field> &fields, bool has_margins, std::int64_t file, std::int64_t line,
                row_batch &to);

    std::size_t at_column() const { return at_column_; } ///< of the last outcome but packed and text
    const char *sqlstate() const { return sqlstate_; }
    value::fault fault() const { return fault_; } ///< of what was refused, if it was that
    /// The number of the only key column, if there is only one and it is an integer; or -1.
    int key_column() const { return key_; }
    /// There is such a column, and each row had a greater key than the one before it: no key was
    /// there twice.
    bool keys_ascended() const { return ascending_; }

private:
    struct column {
        oid type;
        std::int32_t modifier;
        bool fast, required, found, unseen;
        value::shape shape;
        std::vector<value::time_format> formats;
        value::date_order order;
        char decimal;
        bool as_is;   ///< values are read as they are
        bool is_json; ///< a text is a value of JSON, once it is quoted
        bool utc;     ///< as insert_column has it
    };
    /// Columns one after the other that are laid out alike, of fields one after the other, or of none.
    struct run {
        std::size_t first, end;
        oid type;              ///< of all, and their values are read as they are, and may be NULL; or no_oid
        std::int32_t modifier; ///< of that type
        bool found;
        std::size_t source; ///< of the first
    };
    struct layout;
    template <oid type> static bool pack_run(const run &columns, layout &to);
    template <class Integer, oid type> static bool pack_integers(const run &columns, layout &to);
    bool pack_others(const run &columns, layout &to);
    bool pack_columns(const run &columns, layout &to);
    bool store_rewritten(const column &how, std::string_view text, char *&at);
    bool refuses(const column &how, const record::field &f);
    bool pack(const std::vector<record::field> &fields, bool has_margins, std::int64_t file, std::int64_t line,
              row_batch &to);

    std::vector<column> columns_;
    std::vector<std::size_t> sources_;
    std::vector<run> runs_;
    std::vector<std::uint64_t> no_nulls_, nulls_; ///< a bit for each column of a row, and set for those it has not
    bool has_sequence_;                           ///< the table has _baro_seq
    std::int64_t next_ = 0;
    int key_ = -1;
    bool ascending_ = false;
    std::int64_t last_key_ = INT64_MIN;
    std::size_t at_column_ = 0;
    const char *sqlstate_ = nullptr;
    value::fault fault_ = value::fault::none;
    std::string rewritten_; ///< a value as the server writes it, where the file has it otherwise
};

} // namespace barometre::pg
