#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace barometre::name {

/// A header cell's column name: NFC first, then every character that is neither
/// letter, number, '_' nor white space is dropped, each run of white space
/// becomes one '_', and the rest is put in lower case. Uses ICU's Unicode data,
/// never the locale. May be empty. `header` must be valid UTF-8.
std::string column_name(std::string_view header);

/// What happened to a header cell whose name could not be used as it was.
struct renamed_column {
    std::size_t position; ///< from 1
    std::string header;   ///< the cell as written
    std::string name;     ///< what the column is called
    std::string
        why; ///< a clause: "its name is empty", "another column is called \"a\"", "its name has 70 bytes, more than 63"
};

struct column_names {
    std::vector<std::string> names; ///< unique, 1 to 63 bytes each
    std::vector<renamed_column> renamed;
};

/// Column names for a whole header line. An empty name becomes column_N (N: its
/// position from 1); a name over 63 bytes is cut between characters and ends in
/// _N; a name that an earlier column has gets _N appended (cut as needed); still
/// taken, including `reserved` ones, gets a further _2, _3, ...
column_names name_columns(const std::vector<std::string> &header, const std::vector<std::string> &reserved = {});

} // namespace barometre::name
