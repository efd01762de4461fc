#pragma once

#include "core/csv/dialect.h"

#include <string>

namespace barometre::csv {

/// What the beginning of a file says about how it is written.
struct look {
    std::string delimiter;  ///< as declared, as its first line says (sep=;), or as found; empty: not sure
    bool sep_line = false;  ///< it has such a line
    std::string candidates; ///< when not sure: what could be one, for a message
    bool undivided = false; ///< when not sure: none of them parts the first record
};

/// Looks at the first 200 records. `declared.delimiter` may be empty; `fields`: how many a record
/// must have, 0: not known. A delimiter is one of , ; tab | and parts the first record into at
/// least two fields; where several do, all or nearly all records into as many. A file in which none of them occurs has
/// one column, and a comma will do.
look look_at(int descriptor, const dialect &declared, std::size_t fields);

/// For messages: a tab is called "tab".
std::string shown_delimiter(const std::string &delimiter);

} // namespace barometre::csv
