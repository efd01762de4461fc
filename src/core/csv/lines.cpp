#include "core/csv/lines.h"
#include "core/error.h"
#include "core/text/text.h"

#include <algorithm>
#include <cstring>

#include <unistd.h>

namespace barometre::csv {

lines::lines(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen, std::uint64_t before)
    : descriptor_(descriptor), bytes_(descriptor, how, seen), seen_(std::move(seen)), reader_(how), last_(before),
      is_plain_(bytes_.text().is_plain()), own_size_known_(bytes_.text().encoded_size("").has_value()),
      offset_(bytes_.begin()) {}

/// Bytes that a line has in the file.
std::uint64_t lines::own_size(const char *text, std::size_t size, std::size_t end_size) const {
    if (size == 1 && *text == too_long_mark)
        return bytes_.skipped() + end_size;
    if (is_plain_)
        return size + end_size;
    return bytes_.text().encoded_size({text, size}).value_or(0) +
           bytes_.text().encoded_size({"\r\n", end_size}).value_or(0);
}

namespace {

/// At most that many bytes; no character of UTF-8 is cut in two.
void shorten(std::string &text, std::size_t most) {
    if (text.size() <= most)
        return;
    std::size_t end = most;
    while (end > 0 && most - end < 3 && !text::begins_character(text[end]))
        --end;
    text.resize(text::begins_character(text[end]) ? end : most);
}

} // namespace

std::string lines::raw(std::size_t most) const {
    if (!is_plain_) {
        if (too_long())
            return {}; // it is gone
        std::string text;
        for (const char c : std::string_view(text_, std::min(most + 1, size_)))
            if (c == bytes::invalid_mark) // what was there is not known any more
                text += "\uFFFD";
            else
                text += c == nul_mark ? '\0' : c;
        shorten(text, most);
        return text;
    }
    // A line that was too long is not in size_.
    const std::uint64_t size = std::max<std::uint64_t>(size_, length_ < 2 ? 0 : length_ - 2);
    std::string text(std::min<std::uint64_t>(most + 1, size), '\0');
    const ssize_t got = ::pread(descriptor_, text.data(), text.size(), static_cast<off_t>(offset_));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    shorten(text, most);
    return text;
}

bool lines::read() {
    char *got = reader_.next_line();
    if (!got) {
        if (reader_.fill(bytes_))
            got = reader_.next_line();
        if (!seen_->failure.empty())
            throw bytes::unreadable(seen_->failure, seen_->remedy);
        if (!got)
            return false;
    }
    text_ = got;
    size_ = reader_.size();
    end_ = end::lf;
    if (size_ > 0 && (got[size_ - 1] == crlf_mark || got[size_ - 1] == cr_mark)) {
        end_ = got[--size_] == crlf_mark ? end::crlf : end::cr;
        got[size_] = '\0';
    }
    if (!seen_->cr_ends)
        seen_->cr_ends = end_ == end::cr;
    return true;
}

bool lines::is_cut() const {
    if (*seen_->cr_ends)
        return false;
    const std::size_t at = begin_ + size_;
    return is_held_ ? held_[at] == '\r' && held_.compare(at, 2, "\r\n") != 0 : end_ == end::cr;
}

namespace {

/// The size of the line that begins at `from`, without its end, in lines that all have one.
std::size_t line_size(const std::string &text, std::size_t from) {
    constexpr std::size_t step = 1024; // neither character may be looked for far behind the other
    for (std::size_t at = from;; at += step) {
        std::size_t n = std::min(step, text.size() - at);
        const char *block = text.data() + at;
        if (const void *lf = std::memchr(block, '\n', n))
            n = static_cast<std::size_t>(static_cast<const char *>(lf) - block);
        if (const void *cr = std::memchr(block, '\r', n))
            n = static_cast<std::size_t>(static_cast<const char *>(cr) - block);
        if (n < step)
            return at + n - from;
    }
}

std::size_t end_size(const std::string &text, std::size_t line_end) {
    return text.compare(line_end, 2, "\r\n") == 0 ? 2 : 1;
}

} // namespace

bool lines::next() {
    first_ = last_ + 1;
    offset_ += length_;
    length_ = 0;
    if (is_held_ && next_ < held_.size()) {
        begin_ = next_;
        part();
    } else {
        is_held_ = false;
        if (!read())
            return false;
        length_ = own_size(text_, size_, end_ == end::crlf ? 2 : 1);
    }
    last_ = first_;
    return true;
}

const std::uint32_t *lines::next_columns(std::size_t columns) {
    if ((is_held_ && next_ < held_.size()) || !seen_->cr_ends)
        return nullptr;
    std::uint32_t *const ends = reader_.next_columns(columns);
    if (!ends)
        return nullptr;
    is_held_ = false;
    first_ = ++last_;
    offset_ += length_;
    size_ = reader_.size();
    std::uint32_t &line_end = ends[columns - 1];
    text_ = reader_.buffer() + line_end - size_;
    end_ = end::lf;
    if (size_ > 0 && text_[size_ - 1] == crlf_mark) {
        end_ = end::crlf;
        text_[--size_] = '\0';
        --line_end;
    }
    length_ = own_size(text_, size_, end_ == end::crlf ? 2 : 1);
    return ends;
}

/// Appends the line that was read to those that are held.
void lines::hold() {
    if (!is_held_) {
        held_.clear();
        is_held_ = is_held_text_ = true;
        begin_ = 0;
    }
    is_held_text_ &= reader_.is_text();
    held_.reserve(held_.size() + size_ + 2 + read_beyond);
    held_.append(text_, size_);
    held_ += end_ == end::lf ? "\n" : end_ == end::crlf ? "\r\n" : "\r";
}

/// The same where the following line lies behind what is at hand: that is joined by putting its end back.
void lines::join_in_place() {
    char *const text = text_, *line_end = text + size_;
    if (end_ == end::crlf)
        *line_end++ = '\r';
    read();
    *line_end = '\n';
    length_ += own_size(text_, size_, end_ == end::crlf ? 2 : 1);
    size_ += static_cast<std::size_t>(text_ - text);
    text_ = text;
    ++last_;
}

bool lines::join() {
    if (!is_held_ && end_ != end::cr && reader_.follows()) {
        join_in_place();
        return true;
    }
    if (!is_held_) {
        hold();
        next_ = held_.size();
    }
    std::size_t line = next_, size, end;
    if (line == held_.size()) {
        held_.erase(0, begin_); // what came before is done
        begin_ = 0;
        const bool found = read();
        line = held_.size();
        if (found)
            hold();
        text_ = held_.data();
        if (!found) {
            next_ = line;
            return false;
        }
        size = size_;
        end = held_.size() - line - size;
    } else {
        size = line_size(held_, line);
        end = end_size(held_, line + size);
    }
    next_ = line + size + end;
    text_ = held_.data() + begin_;
    size_ = line + size - begin_;
    length_ += own_size(held_.data() + line, size, end);
    ++last_;
    return true;
}

void lines::part() {
    if (!is_held_ && first_ == last_)
        return;
    if (!is_held_)
        hold();
    size_ = line_size(held_, begin_);
    const std::size_t end = end_size(held_, begin_ + size_);
    next_ = begin_ + size_ + end;
    text_ = held_.data() + begin_;
    length_ = own_size(text_, size_, end);
    last_ = first_;
}

} // namespace barometre::csv
