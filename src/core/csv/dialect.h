#pragma once

namespace barometre::csv {

/// How one CSV file is written. The quote is doubled to stand for itself.
struct dialect {
    char delimiter = ',';
    char quote = '"';           ///< '\0': no quoting
    bool blank_is_null = false; ///< quoted empty and white space are NULL too
};

} // namespace barometre::csv
