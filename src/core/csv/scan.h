#pragma once

#include "core/csv/dialect.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

/// The passes over text that reading records needs, in blocks where they are many.
namespace barometre::csv {

/// Places in a record, one after the other.
class place_list {
public:
    std::uint32_t *data() { return places_.data(); }
    const std::uint32_t *data() const { return places_.data(); }
    std::size_t size() const { return size_; }
    void clear() { size_ = 0; }
    void push_back(std::uint32_t place) {
        *room(1) = place;
        ++size_;
    }
    /// So many may be written there, and be added.
    std::uint32_t *room(std::size_t n) {
        if (places_.size() - size_ < n)
            places_.resize(2 * places_.size() + n);
        return places_.data() + size_;
    }
    void add(std::size_t n) { size_ += n; }
    void remove_first(std::size_t n) {
        std::copy(data() + n, data() + size_, data());
        size_ -= n;
    }
    template <class Is> void remove_if(Is &&is) {
        size_ = static_cast<std::size_t>(std::remove_if(data(), data() + size_, is) - data());
    }

private:
    std::vector<std::uint32_t> places_;
    std::size_t size_ = 0;
};

/// What one pass over a line tells.
struct line_facts {
    bool has_quote = false, is_ascii = true; ///< has_quote: or an escape
};

/// Appends where the delimiters of a line are, as if it had no quotes and escapes. read_beyond bytes after it are read.
void scan_line(const char *text, std::size_t size, const dialect &how, place_list &ends, line_facts &facts);

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
    void over(const char *record, std::size_t from, std::size_t size, const dialect &how, place_list &ends);

private:
    void by_places(const char *record, std::size_t from, std::size_t size, const dialect &how, place_list &ends);
    void by_bytes(const char *record, std::size_t from, std::size_t size, const dialect &how, place_list &ends);
};

} // namespace barometre::csv
