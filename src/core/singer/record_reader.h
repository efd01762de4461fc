#pragma once

#include "core/json/record_parser.h"
#include "core/json/record_reader.h"
#include "core/singer/content.h"

namespace barometre::singer {

/// What is read of the records of a stream, field by field: of the record, then of its message.
struct wanted {
    std::string stream;                  ///< as the messages have it
    std::vector<std::string> fields;     ///< names as property::name has them
    std::vector<std::size_t> integers{}; ///< those of them that are whole numbers, also where they are written 2.0
    bool extracted_at = false;           ///< the message's time_extracted
    bool version = false;                ///< the message's version
    std::vector<std::string> more{};     ///< texts that each record has as fields, at the end
    std::size_t flatten = 0;
    bool blank_is_null = false;
};

/// Reads the RECORD messages of one stream in a file, in order. Throws bytes::unreadable for a line of it that is no
/// message at all.
class record_reader {
public:
    record_reader(int descriptor, const content &held, wanted what);
    ~record_reader();
    record_reader(const record_reader &) = delete;
    record_reader &operator=(const record_reader &) = delete;

    /// On to the next record; false: the end. One that has a value which no text can hold is handed to `on_bad`, and
    /// passed over.
    bool next();
    std::function<void(const json::bad_record &)> on_bad;

    const std::vector<record::field> &fields() const;
    // Of the current record, or in `on_bad` of the bad one:
    std::uint64_t line() const;
    std::optional<std::uint64_t> offset() const; ///< in the decompressed file; nothing if the encoding can't tell
    std::string raw() const;                     ///< the first bytes of its line, as UTF-8

    std::uint64_t blank_lines() const; ///< passed over so far
    std::uint64_t bytes() const;       ///< of the file, so far
    bytes::content_hash hash() const;  ///< of those; of the whole file once next() gave false
    bytes::content_hash unpacked_hash() const;

private:
    bool is_record();
    bool rewrite_integers();
    void add_fields();

    struct state;
    std::unique_ptr<state> s_;
};

} // namespace barometre::singer
