#pragma once

#include "core/json/buffer.h"
#include "core/json/dialect.h"
#include "core/json/line_source.h"

namespace barometre::json {

/// The values of a file: its lines, or what stands in it one after another.
class value_source {
public:
    value_source(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen, std::uint64_t before);

    /// On to the next one; false: there is none. Throws bytes::unreadable.
    bool next();

    std::string_view text() const { return text_; } ///< with padding; until next()
    bool is_too_long() const { return lines_ && lines_->is_too_long(); }
    std::uint64_t line() const { return line_; } ///< where it begins
    std::optional<std::uint64_t> offset() const;
    std::uint64_t blank_lines() const { return blank_; }

private:
    bool next_line();
    bool next_of_whole();
    void read_whole(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen);

    std::optional<line_source> lines_;
    buffer whole_; ///< else, with padding
    std::size_t size_ = 0, at_ = 0, counted_ = 0;
    std::uint64_t dropped_ = 0; ///< bytes before it
    bool knows_offset_ = true;
    std::string_view text_;
    std::uint64_t line_ = 1, blank_ = 0, number_ = 0;
};

} // namespace barometre::json
