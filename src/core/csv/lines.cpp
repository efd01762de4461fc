#include "core/csv/lines.h"
#include "core/error.h"

#include <algorithm>
#include <cstring>

namespace barometre::csv {

/// What an io::LineReader reads: the next window, once.
struct lines::window : io::ByteSourceBase {
    explicit window(byte_source &from) : from_(from) {}
    int read(char *to, int) override { return static_cast<int>(from_.next_window(to)); }
    byte_source &from_;
};

lines::lines(int descriptor, std::shared_ptr<read_progress> seen, std::uint64_t before)
    : bytes_(descriptor, seen), seen_(std::move(seen)), last_(before) {}

bool lines::read() {
    char *got = reader_ ? reader_->next_line() : nullptr;
    if (!got) { // a reader for each window: one that is asked again, after its last line, says so again
        reader_.emplace("csv", std::make_unique<window>(bytes_));
        got = reader_->next_line();
        if (seen_->failure)
            throw error(sqlstate::bad_file, std::string("could not read: ") + std::strerror(seen_->failure));
        if (!got)
            return false;
    }
    text_ = got;
    size_ = std::strlen(got);
    end_ = end::lf;
    if (size_ > 0 && (got[size_ - 1] == crlf_mark || got[size_ - 1] == cr_mark)) {
        end_ = got[--size_] == crlf_mark ? end::crlf : end::cr;
        got[size_] = '\0';
    }
    return true;
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

std::size_t end_size(const std::string &text, std::size_t line_end) { return text.compare(line_end, 2, "\r\n") == 0 ? 2 : 1; }

} // namespace

bool lines::next() {
    first_ = last_ + 1;
    if (is_held_ && next_ < held_.size()) {
        begin_ = next_;
        text_ = held_.data() + begin_;
        size_ = line_size(held_, begin_);
        next_ = begin_ + size_ + end_size(held_, begin_ + size_);
    } else {
        is_held_ = false;
        if (!read())
            return false;
    }
    last_ = first_;
    return true;
}

/// Appends the line that was read to those that are held.
void lines::hold() {
    held_.append(text_, size_);
    held_ += end_ == end::lf ? "\n" : end_ == end::crlf ? "\r\n" : "\r";
}

bool lines::join() {
    if (!is_held_) {
        held_.clear();
        hold();
        is_held_ = true;
        begin_ = 0;
        next_ = held_.size();
    }
    if (next_ == held_.size()) {
        held_.erase(0, begin_); // what came before is done
        begin_ = 0;
        if (!read()) {
            next_ = held_.size();
            text_ = held_.data();
            return false;
        }
        next_ = held_.size();
        hold();
    }
    const std::size_t line = next_;
    const std::size_t size = line_size(held_, line);
    next_ = line + size + end_size(held_, line + size);
    text_ = held_.data() + begin_;
    size_ = line + size - begin_;
    ++last_;
    return true;
}

void lines::part() {
    if (last_ == first_)
        return;
    size_ = line_size(held_, begin_);
    next_ = begin_ + size_ + end_size(held_, begin_ + size_);
    last_ = first_;
}

} // namespace barometre::csv
