#pragma once

#include "core/bytes/content.h"
#include "core/json/record_parser.h"

#include <functional>

namespace barometre::json {

/// A value or record that can't be read, and where.
struct bad_record {
    fault why; ///< its path is that from the value of the file, or line
    std::uint64_t line = 0, last_line = 0;
};

/// Reads the records of one JSON file, in order: of each of its lines, or of the values in it one after another. Bytes
/// come from a file descriptor that stays the caller's. Lines of blanks are passed over. Throws bytes::unreadable when
/// reading fails, and for a file that is read whole and is no JSON, too large, or has nothing at records_path.
class record_reader {
public:
    /// `header`: its fields, as far as they are known; `before`: what follows is read, and lines and bytes are counted,
    /// and hashed, on from there.
    record_reader(int descriptor, dialect how, const std::vector<std::string> &header = {},
                  const bytes::prefix *before = nullptr);
    ~record_reader();
    record_reader(const record_reader &) = delete;
    record_reader &operator=(const record_reader &) = delete;

    /// On to the next record; false: the end. What can't be read is handed to `on_bad`, and passed over.
    bool next();
    std::function<void(const bad_record &)> on_bad;

    const std::vector<record::field> &fields() const; ///< of the current record
    const found_header &header() const;               ///< of the records so far, with the fields that were known
    // Of the current record, or in `on_bad` of the bad one:
    std::uint64_t line() const; ///< where it begins, from 1
    std::uint64_t last_line() const;
    std::string path() const;                    ///< data[17]; empty: the whole line or value
    std::optional<std::uint64_t> offset() const; ///< in the decompressed file; nothing if the encoding can't tell
    std::string raw() const;                     ///< its first bytes, as UTF-8

    std::uint64_t blank_lines() const;         ///< passed over so far
    std::uint64_t bytes() const;               ///< of the file, so far
    bytes::content_hash hash() const;          ///< of those; of the whole file once next() gave false
    bytes::content_hash unpacked_hash() const; ///< of the same, decompressed

private:
    struct state;
    std::unique_ptr<state> s_;
};

} // namespace barometre::json
