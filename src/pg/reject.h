#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace barometre::pg {

/// A record that could not be loaded.
struct reject {
    std::int64_t file = 0;                 ///< as in _baro_file
    std::int64_t line = 0, last_line = 0;  ///< its physical lines
    std::optional<std::uint64_t> offset{}; ///< where it begins in the file
    std::string path{};                    ///< where it is within its lines: data[17]; empty: all of them
    int column = -1;                       ///< number of the table's column, or...
    std::string column_name{};             ///< ... its name; neither: the whole record
    std::string sqlstate{}, reason{};      ///< the reason is a clause
    std::optional<std::string> raw{};      ///< its first bytes
    bool in_key = false;                   ///< the reason is that the key is empty
    std::string hint{};                    ///< how such values could be loaded, as a sentence without its end
};

} // namespace barometre::pg
