#pragma once

#include "core/csv/byte_source.h"
#include "core/csv/line_index.h"
#include "core/csv/line_reader.h"
#include "core/record/field.h"

#include <memory>

namespace barometre::csv {

/// So many bytes may be read from any place in a window, and from its end.
inline constexpr std::size_t read_beyond = 64;

/// An io::LineReader that reads window after window in one buffer. The library makes 48 MiB of new memory for each
/// reader, which the system gives, clears and takes back page by page: that was a sixth of the time of a long file, and
/// nearly all of a short one's.
class window_reader {
public:
    explicit window_reader(const dialect &how);
    ~window_reader();
    window_reader(const window_reader &) = delete;
    window_reader &operator=(const window_reader &) = delete;

    bool fill(byte_source &from); ///< on to the next window; false: there is none
    char *next_line();            ///< null: the window's end
    /// The same of a line that has so many columns, none of them in quotes: their ends, counted from buffer(), of which
    /// the last one is the line's LF; null: it may be another one, and nothing happened.
    std::uint32_t *next_columns(std::size_t columns);
    char *buffer() { return begin_; }
    std::size_t size() const { return size_; } ///< of the last line, without its LF
    bool is_text() const { return is_text_; }  ///< the window is valid UTF-8, and so are its lines
    /// Of a place in the window: so many bytes before it are the window's too.
    bool has_margin(const char *at) const { return at - begin_ >= static_cast<std::ptrdiff_t>(record::margin_before); }
    bool follows() const; ///< a further line of the window lies right behind the last one, and leaves it where it is

private:
    std::unique_ptr<io::LineReader> reader_;
    char *begin_; ///< of the buffer
    line_index index_;
    std::size_t size_ = 0;
    bool is_text_ = false;
    bool is_large_ = false; ///< a window was so long that the buffer holds much memory
};

} // namespace barometre::csv
