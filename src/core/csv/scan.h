#pragma once

#include "core/csv/dialect.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

/// The passes over text that reading records needs, in blocks where they are many.
namespace barometre::csv {

/// What one pass over a line tells.
struct line_facts {
    bool has_quote = false, is_ascii = true; ///< has_quote: or an escape
};

/// Appends where the delimiters of a line are, as if it had no quotes and escapes.
line_facts scan_line(const char *text, std::size_t size, const dialect &how, std::vector<std::uint32_t> &ends);

/// Whether the delimiter stands at `at`.
inline bool is_delimiter(const char *at, const char *end, const dialect &how) {
    const std::size_t n = how.delimiter.size();
    return *at == how.delimiter[0] &&
           (n == 1 || (static_cast<std::size_t>(end - at) >= n && std::memcmp(at, how.delimiter.data(), n) == 0));
}

/// Whether an escape stands at `at`, and what follows is text by it.
inline bool is_escaped(const char *at, const char *end, const dialect &how) {
    return how.escape && *at == how.escape && at + 1 < end &&
           (at[1] == how.escape || (how.quote && at[1] == how.quote) || is_delimiter(at + 1, end, how));
}

/// Finds the delimiters outside quotes, and whether a quote is open, over the lines of one record.
struct quote_scan {
    enum { field_start, unquoted, quoted, closed, padded, broken } at = field_start; ///< padded: blanks after a quote
    // What there may be of quotes, or escapes:
    bool has_quote = false;   ///< any
    bool may_double = false;  ///< one that stands for itself in a quoted field
    bool may_be_bare = false; ///< one in a field that does not begin with one

    /// Goes on over record[from, size), and appends the delimiters' places in `record`.
    void over(const char *record, std::size_t from, std::size_t size, const dialect &how,
              std::vector<std::uint32_t> &ends);

private:
    void by_places(const char *record, std::size_t from, std::size_t size, const dialect &how,
                   std::vector<std::uint32_t> &ends);
    void by_bytes(const char *record, std::size_t from, std::size_t size, const dialect &how,
                  std::vector<std::uint32_t> &ends);
};

} // namespace barometre::csv
