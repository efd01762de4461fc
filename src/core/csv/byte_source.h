#pragma once

#include "core/csv/dialect.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace barometre::csv {

// Marks in what the line reader gets, beside bytes::invalid_mark, which stands for a byte of the file that is one of
// them. None of these bytes occurs in valid UTF-8.
inline constexpr char crlf_mark = '\xFE';     ///< before a LF that was CR LF: LineReader would drop the CR
inline constexpr char cr_mark = '\xFC';       ///< before a LF that was a CR alone
inline constexpr char nul_mark = '\xFF';      ///< stands for a NUL, which would end a C string
inline constexpr char too_long_mark = '\xFB'; ///< stands for a whole line that is longer than longest_line

/// Of a physical line, with its end: what io::LineReader holds.
inline constexpr std::size_t longest_line = std::size_t{1} << 24;

/// The text of a file, marked as above, in windows of whole lines, the first ones small, so that a record that is
/// wanted alone is soon there. The data always end in a newline.
/// Byte order marks at the file's beginning are dropped. Why reading failed is kept in `seen` and
/// ends the data: LineReader is not made for exceptions.
class byte_source {
public:
    byte_source(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen);
    /// Writes the next window into `to`, which has room for twice longest_line, and gives its size; 0: the end.
    std::size_t next_window(char *to);
    std::uint64_t begin() const { return dropped_; } ///< where in the file the first window begins
    const bytes::decoder &text() const { return text_; }
    std::size_t skipped() const { return skipped_; } ///< bytes of the last line that was too long, without its end

private:
    std::size_t transfer(char *to, std::size_t room);
    std::size_t drop_line(char *to, std::size_t size);

    bytes::decoder text_;
    std::unique_ptr<char[]> raw_; // many small files: not set to zero
    std::vector<char> rest_;
    std::size_t begin_ = 0, end_ = 0, window_, skipped_ = 0, dropped_ = 0;
    bool cr_waits_ = false;
};

} // namespace barometre::csv
