#pragma once

#include "core/csv/dialect.h"
#include "core/value/fault.h"
#include "pg/files.h"

namespace barometre::load {

/// How the files of a stream or a seed are read.
struct csv_format {
    std::string what; ///< for messages: stream "tap.name" or seed "name"
    csv::dialect dialect{};
    std::vector<std::string> encodings{"utf-8"};
    std::vector<std::string> field_names;                   ///< not empty: no header line
    value::date_order date_order = value::date_order::none; ///< of dates without a format
    bool drop_nameless_last = false;                        ///< a stray delimiter at the header's end is no column
    bool is_seed = false;                                   ///< a header without any delimiter is that of one column
    bool hides_values = false; ///< no value may be shown, nor a name of the first line, which may be a record
};

/// What to do about bytes that are not in a file's encoding: the beginning of a HINT.
std::string encoding_hint(const csv_format &format);

/// How this very file is written: its encoding and delimiter are found, if need be, and it is made sure that
/// it can be CSV at all. Throws bad_file.
csv_format settle(const csv_format &format, const pg::data_file &file);

} // namespace barometre::load
