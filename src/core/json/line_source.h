#pragma once

#include "core/bytes/content.h"
#include "core/bytes/decoder.h"
#include "core/json/buffer.h"
#include "core/json/padding.h"

#include <memory>
#include <optional>
#include <string_view>

namespace barometre::json {

/// Of a line: what a record may have.
inline constexpr std::size_t longest_line = std::size_t{64} << 20;

/// The physical lines of a file, as UTF-8: its bytes, decompressed and transcoded, in a buffer as long as its longest
/// line. Byte order marks at its beginning are dropped.
class line_source {
public:
    /// Reads on from where `seen` is, in a file that has so many lines before that.
    line_source(int descriptor, const bytes::coding &how, std::shared_ptr<bytes::read_progress> seen,
                std::uint64_t before);

    /// On to the next line; false: there is none. Throws bytes::unreadable.
    bool next();

    /// Without its end (LF). Until next(); so many bytes as `padding` can be read behind it. Of a line that is too long
    /// only the beginning.
    std::string_view text() const { return {buffer_.data() + begin_, size_}; }
    bool has_end() const { return has_end_; } ///< false: the last line, after which there is no LF
    bool is_too_long() const { return too_long_; }
    std::uint64_t number() const { return number_; } ///< from 1
    /// Where it begins in the decompressed file; nothing if the encoding can't tell.
    std::optional<std::uint64_t> offset() const { return knows_offset_ ? std::optional(offset_) : std::nullopt; }

private:
    bool read_more();
    void pass_over_rest();

    std::shared_ptr<bytes::read_progress> seen_;
    bytes::decoder in_;
    buffer buffer_;
    std::size_t begin_ = 0, size_ = 0; ///< of the line
    std::size_t next_ = 0, end_ = 0;   ///< of what was read and not handed out
    std::uint64_t number_, offset_, next_offset_;
    bool knows_offset_, too_long_ = false, has_end_ = true;
};

} // namespace barometre::json
