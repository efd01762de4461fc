#pragma once

#include "core/bytes/content.h"
#include "core/csv/dialect.h"
#include "core/record/field.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barometre::csv {

/// Why a record cannot be loaded. The caller adds tap, stream and file.
struct bad_record {
    enum class reason {
        field_count,       ///< `expected` and `found` fields
        encoding,          ///< invalid UTF-8
        nul,               ///< a NUL byte
        unclosed_quote,    ///< no closing quote until the end of the file, or for 64 MiB
        text_after_quote,  ///< something other than a delimiter follows a closing quote
        quote_in_unquoted, ///< a quote inside a field that does not start with one
        line_too_long,     ///< a physical line over longest_line
        stray_cr,          ///< a CR alone outside quotes, in a file whose first line ends in LF or CR LF
        header_again,      ///< for who knows the header: it is the same once more
    };
    reason why{};
    std::uint64_t line = 0, last_line = 0; ///< its physical lines, from 1
    std::size_t column = 0;                ///< the field's number from 1; 0: the whole record
    std::size_t expected = 0, found = 0;
};

/// Reads the records of one CSV file, in order. Bytes come from a file
/// descriptor that stays the caller's; a UTF-8 byte order mark is skipped, LF,
/// CRLF and CR end a line (CR alone if the first line ends so), a last line without end counts, and line ends inside
/// quotes are kept byte for byte. Empty lines are skipped when records have two
/// or more fields; with one field, or if all may be missing, an empty line is a record.
///
/// Built on fast-cpp-csv-parser's io::LineReader and io::detail::chop_next_column.
/// Throws barometre::error (sqlstate::bad_file) when reading the descriptor fails.
class record_reader {
public:
    /// `fields`: how many a record must have; 0: as many as the first record has.
    /// `optional`: so many of its last fields a record may lack, which are then NULL; as many as it must have: all of
    /// them. (One is for headers that end in a stray delimiter.)
    record_reader(int descriptor, dialect how, std::size_t fields = 0, std::size_t optional = 0);
    /// Reads what follows `before`; lines and bytes are counted, and hashed, on from there.
    record_reader(int descriptor, dialect how, const bytes::prefix &before, std::size_t fields,
                  std::size_t optional = 0);
    record_reader(record_reader &&) noexcept;
    record_reader &operator=(record_reader &&) noexcept;
    ~record_reader();

    /// Advances to the next record; false at the end of the file. A record that
    /// cannot be loaded is handed to `on_bad` (which may throw) and passed over.
    /// After `unclosed_quote` and `text_after_quote` reading goes on at the
    /// physical line after the one where the record started.
    bool next();

    std::function<void(const bad_record &)> on_bad;

    void expect_fields(std::size_t fields, std::size_t optional = 0); ///< from the next record on

    const std::vector<record::field> &fields() const; ///< of the current record
    bool has_margins() const;                         ///< they have margins (record::field)
    // Of the current record, or in `on_bad` of the bad one:
    std::uint64_t line() const;      ///< physical line where it starts, from 1
    std::uint64_t last_line() const; ///< where it ends
    /// Where it begins, in bytes (of the decompressed file); nothing if the encoding can't tell.
    std::optional<std::uint64_t> offset() const;
    std::string
    raw() const; ///< its first bytes, as they are in the file (of a file that is decompressed or transcoded: in UTF-8)
    std::uint64_t records() const;             ///< records handed out by next()
    std::uint64_t blank_lines() const;         ///< skipped so far
    const std::string &comment() const;        ///< the last one before the first record, without its sign
    std::uint64_t bytes() const;               ///< raw bytes read so far
    bytes::content_hash hash() const;          ///< of the bytes read so far; of the whole file once next() gave false
    bytes::content_hash unpacked_hash() const; ///< of the same, decompressed

private:
    struct state;
    std::unique_ptr<state> s_;
};

} // namespace barometre::csv
