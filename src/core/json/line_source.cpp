#include "core/json/line_source.h"
#include "core/bytes/encoding.h"

#include <algorithm>
#include <cstring>

namespace barometre::json {

namespace {

constexpr std::size_t first_size = std::size_t{1} << 19;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

} // namespace

line_source::line_source(int descriptor, const bytes::coding &how, std::shared_ptr<bytes::read_progress> seen,
                         std::uint64_t before)
    : seen_(std::move(seen)), in_(descriptor, how, seen_), number_(before), offset_(seen_->bytes),
      next_offset_(seen_->bytes), knows_offset_(bytes::is_utf8_name(how.encoding)) {
    buffer_.resize(first_size + padding);
    if (seen_->bytes > 0)
        return;
    while (end_ < byte_order_mark.size() && read_more()) {
    }
    while (std::string_view(buffer_.data() + next_, end_ - next_).starts_with(byte_order_mark)) {
        next_ += byte_order_mark.size();
        next_offset_ += byte_order_mark.size();
        while (end_ - next_ < byte_order_mark.size() && read_more()) {
        }
    }
}

/// False: there is no more, or no room for it.
bool line_source::read_more() {
    if (next_ > 0 && buffer_.size() - padding - end_ < first_size / 2) {
        std::memmove(buffer_.data(), buffer_.data() + next_, end_ - next_);
        end_ -= next_;
        next_ = 0;
    }
    if (buffer_.size() - padding - end_ < 64) { // the decoder wants some
        if (end_ - next_ > longest_line)
            return false;
        buffer_.resize(std::min(2 * buffer_.size(), longest_line + first_size + padding));
    }
    const std::size_t got = in_.read(buffer_.data() + end_, buffer_.size() - padding - end_);
    if (got == 0 && !seen_->failure.empty())
        throw bytes::unreadable(seen_->failure, seen_->remedy);
    end_ += got;
    return got > 0;
}

/// Of a line that is too long: up to its end.
void line_source::pass_over_rest() {
    for (;;) {
        const char *from = buffer_.data() + next_;
        if (const void *lf = std::memchr(from, '\n', end_ - next_)) {
            const std::size_t passed = static_cast<std::size_t>(static_cast<const char *>(lf) - from) + 1;
            next_ += passed;
            next_offset_ += passed;
            return;
        }
        next_offset_ += end_ - next_;
        next_ = end_ = buffer_.size() / 2; // what is shown of the line lies before
        const std::size_t got = in_.read(buffer_.data() + end_, buffer_.size() - padding - end_);
        if (got == 0 && !seen_->failure.empty())
            throw bytes::unreadable(seen_->failure, seen_->remedy);
        if (got == 0)
            return;
        end_ += got;
    }
}

bool line_source::next() {
    offset_ = next_offset_;
    too_long_ = false;
    for (std::size_t looked = 0;;) {
        const char *from = buffer_.data() + next_;
        const void *lf = std::memchr(from + looked, '\n', end_ - next_ - looked);
        looked = end_ - next_;
        const std::size_t size = lf ? static_cast<std::size_t>(static_cast<const char *>(lf) - from) : looked;
        if (size > longest_line) {
            too_long_ = true;
            ++number_;
            if (next_ > 0) // so that there is room
                std::memmove(buffer_.data(), from, end_ - next_);
            end_ -= next_;
            begin_ = next_ = 0;
            size_ = 4096;
            pass_over_rest();
            return true;
        }
        if (!lf && read_more())
            continue;
        const bool is_marked = !lf && size > 0 && from[size - 1] == end_mark;
        if (!lf && size == is_marked)
            return false;
        ++number_;
        begin_ = next_;
        size_ = size - is_marked;
        has_end_ = lf != nullptr;
        next_ += size + (lf ? 1 : 0);
        next_offset_ += size + (lf ? 1 : 0);
        return true;
    }
}

} // namespace barometre::json
