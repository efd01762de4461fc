#pragma once

#include "core/project/project.h"

#include <optional>

namespace barometre::tap {

/// The greatest value of the column that the stream's freshness names.
struct newest_value {
    std::string of;                ///< that column, and its format; empty: freshness names none
    std::optional<std::string> at; ///< a timestamptz
    bool of_all_rows = false;      ///< else of those that were just loaded
};

/// What the newest value of the stream is of.
std::string newest_of(const project::stream &stream);

/// Looks for it in all rows of the table, or in those of the files with these ids. A load never fails because of it:
/// what can't be read is a warning, and nobody knows how new the data is.
newest_value find_newest_value(const project::stream &stream, bool of_all_rows,
                               const std::vector<std::string> &file_ids);

} // namespace barometre::tap
