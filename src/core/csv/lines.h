#pragma once

#include "core/csv/byte_source.h"
#include "core/csv/window_reader.h"

#include <optional>
#include <string>

namespace barometre::csv {

/// The physical lines of a file, by io::LineReader. One is at hand at a time, alone or with the lines
/// after it, as a record needs them; what was joined can be parted again.
class lines {
public:
    /// `before`: lines of the file that come before where `seen` is.
    lines(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen, std::uint64_t before);
    lines(const lines &) = delete;
    lines &operator=(const lines &) = delete;

    bool next(); ///< on to the line after the last one at hand; false: there is none
    /// The same where that line has so many columns, none of them in quotes, and is valid UTF-8: their ends, counted
    /// from window(), at which the text ends too; null: it may be another one, and nothing happened.
    const std::uint32_t *next_columns(std::size_t columns);
    char *window() { return reader_.buffer(); }
    bool join(); ///< adds the following line, after the line end as it is in the file; false: there is none
    void part(); ///< only the first line stays at hand; next() gives the others

    /// What is at hand, without its last line end: bytes of the file but for the marks of byte_source.
    /// It may be written to, also at [size()], until next(), join() or part(), and read_beyond bytes after it be read.
    char *text() { return text_; }
    std::size_t size() const { return size_; }
    bool has_margins() const { return !is_held_ && reader_.has_margin(text_); } ///< its texts do (record::field)
    /// It is surely valid UTF-8, as all around it is. (Where that has marks nobody knows.)
    bool is_text() const { return is_held_ ? is_held_text_ : reader_.is_text(); }
    std::uint64_t first() const { return first_; } ///< its first physical line, from 1
    std::uint64_t last() const { return last_; }
    /// Where it begins in the file, in bytes (of the decompressed text); nothing if its encoding can't tell.
    std::optional<std::uint64_t> offset() const { return own_size_known_ ? std::optional(offset_) : std::nullopt; }
    /// Its bytes as they are in the file, up to `most`; to be asked before text() is written to.
    std::string raw(std::size_t most) const;
    bool is_plain() const { return is_plain_; } ///< raw() may be asked later too
    /// It ends in a CR alone, in a file whose first line ends otherwise: then that is no line end.
    bool is_cut() const;
    bool too_long() const { return size_ == 1 && *text_ == too_long_mark; } ///< for the reader; its text is not there

private:
    enum class end { lf, crlf, cr };
    bool read(); ///< the next line of the file into text_, size_, end_
    void hold();
    void join_in_place();
    std::uint64_t own_size(const char *text, std::size_t size, std::size_t end_size) const;

    int descriptor_;
    byte_source bytes_;
    std::shared_ptr<bytes::read_progress> seen_;
    window_reader reader_;
    char *text_ = nullptr;
    std::size_t size_ = 0;
    end end_ = end::lf;
    std::uint64_t first_ = 0, last_ = 0;
    bool is_plain_, own_size_known_;
    std::uint64_t offset_, length_ = 0; ///< in the file, of what is at hand, with its last line end

    /// Once lines were joined: they, and those that were parted from them, each with its end.
    std::string held_;
    std::size_t begin_ = 0, next_ = 0; ///< of what is at hand, and after it
    bool is_held_ = false;             ///< what is at hand lies in held_
    bool is_held_text_ = false;        ///< as windows are of which it was
};

} // namespace barometre::csv
