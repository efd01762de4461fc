#pragma once

#include "core/bytes/decoder.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barometre::csv {

/// How one CSV file is written. The quote is doubled to stand for itself.
struct dialect {
    std::string delimiter = ","; ///< empty: to be found
    char quote = '"';            ///< '\0': no quoting
    char escape = '\0';          ///< before a quote, a delimiter or itself it is dropped, and they are text; '\0': none
    std::string comment{};       ///< lines that begin with it are passed over; empty: none
    bool lenient = false;        ///< a quote in an unquoted field is text, and blanks after a closing one are nothing
    bool blank_is_null = false;  ///< quoted empty and white space are NULL too
    std::vector<std::string> nulls{}; ///< unquoted values that are NULL
    std::uint64_t skip_lines = 0;     ///< physical lines before the header

    bytes::coding coding{};
};

} // namespace barometre::csv
