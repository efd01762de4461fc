#pragma once

#include "core/csv/dialect.h"
#include "core/csv/scan.h"

namespace barometre::csv {

/// Where the lines of a window end and their columns, found ahead for many lines at once: of those that have neither
/// quotes nor escapes, and are surely valid UTF-8. Delimiters are one byte.
class line_index {
public:
    explicit line_index(const dialect &how);

    /// A new window lies there. `is_text`: it is valid UTF-8; else lines of ASCII are, but for what marks their ends.
    void begin(const char *window, bool is_text);
    /// The ends of the columns, counted from the window's beginning, of the line that begins at `at`, where it has so
    /// many; the last one is its LF. Null: it has others, or is not known to be such a line. `end`: of the window,
    /// after which read_beyond bytes may be read. Lines are asked for in order.
    std::uint32_t *columns(std::size_t at, std::size_t end, std::size_t columns);

private:
    void scan_more(std::size_t at, std::size_t end);

    const char *window_ = nullptr;
    bool is_text_ = false;
    char delimiter_, quote_, escape_;
    std::size_t scanned_ = 0;       ///< up to there
    place_list ends_, lines_, odd_; ///< odd_: where 64 bytes begin with one that makes its line another matter
    std::size_t end_ = 0, line_ = 0, odd_block_ = 0; ///< the next one of each
};

} // namespace barometre::csv
