#pragma once

#include "core/record/found_type.h"
#include "load/file_format.h"

#include <optional>

namespace barometre::load {

/// A file to be read into a table: how, and which of its fields go where.
struct input_file {
    pg::data_file file;
    std::shared_ptr<const file_format> format; ///< settled
    std::int64_t id = 0;                       ///< for _baro_file
    std::vector<std::string> header{};         ///< as record_input has it
    bool has_whole_header = false;             ///< no record has a field beside those
    std::vector<record::found_type> types{};   ///< of those fields, once all records were seen; empty: not known
    std::vector<std::string> declared{};       ///< SQL types that the file itself declares of those; empty: none
    std::vector<std::string> names{};          ///< of its fields
    std::vector<std::size_t> sources{};    ///< for each column of the table, the number of its field, or pg::no_field
    std::optional<bytes::prefix> prefix{}; ///< what was loaded before
    std::int64_t most = 0;                 ///< records to read; 0: all
};

/// What one file held.
struct file_content {
    std::vector<std::string> header;        ///< the input's, with what the records had beside it
    std::vector<record::found_type> types;  ///< as record_input has them
    std::int64_t records = 0, bytes = 0;    ///< records: with the rejected ones
    std::int64_t blank = 0;                 ///< lines that were passed over
    bytes::content_hash hash{}, unpacked{}; ///< of its bytes, and of those decompressed
};

} // namespace barometre::load
