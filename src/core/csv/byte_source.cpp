#include "core/csv/byte_source.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace barometre::csv {

namespace {

constexpr std::size_t read_ahead = std::size_t{1} << 16;
constexpr std::size_t largest_window = std::size_t{1} << 19;
constexpr char end_mark = '\x1A'; // the last byte of files that programs for DOS write
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_plain(char c) { return c != '\0' && c != '\r' && static_cast<unsigned char>(c) < 0xF8; }

/// How many of the `n` bytes at `from` can be taken as they are: up to a NUL, a CR or a byte over
/// 0xF7, which are in no UTF-8.
std::size_t plain(const char *from, std::size_t n) {
    constexpr std::size_t step = 64; // that many at a time, which the compiler does with as many as a register holds
    std::size_t i = 0;
    for (; i + step <= n; i += step) {
        unsigned char other = 0;
        for (std::size_t k = 0; k < step; ++k) {
            const auto c = static_cast<unsigned char>(from[i + k]);
            other = static_cast<unsigned char>(other | (c == 0) | (c == '\r') | (c >= 0xF8));
        }
        if (other != 0)
            break;
    }
    while (i < n && is_plain(from[i]))
        ++i;
    return i;
}

} // namespace

byte_source::byte_source(int descriptor, const dialect &how, std::shared_ptr<bytes::read_progress> seen)
    : text_(descriptor, how.coding, seen), raw_(new char[read_ahead]), window_(read_ahead) {
    dropped_ = seen->bytes;
    if (dropped_ > 0)
        return;
    while (end_ < 64) // as many as a few marks have
        if (const std::size_t got = text_.read(raw_.get() + end_, read_ahead - end_); got > 0)
            end_ += got;
        else
            break;
    while (std::string_view(raw_.get() + begin_, end_ - begin_).starts_with(byte_order_mark))
        begin_ += byte_order_mark.size();
    dropped_ = text_.encoded_size({raw_.get(), begin_}).value_or(0);
}

/// Writes up to `room` bytes, at least two, as they are to be seen by the line reader; 0: the end.
std::size_t byte_source::transfer(char *to, std::size_t room) {
    if (begin_ == end_ && !cr_waits_) {
        // Read to where it is wanted; from the first byte that can't stay, the slow way.
        const std::size_t got = text_.read(to, std::min(read_ahead, room));
        const std::size_t n = plain(to, got);
        begin_ = 0;
        end_ = got - n;
        std::memcpy(raw_.get(), to + n, end_);
        if (n > 0 || got == 0)
            return n;
    }
    std::size_t filled = 0;
    while (filled + 2 <= room && (begin_ < end_ || cr_waits_)) {
        if (begin_ == end_) {
            begin_ = 0;
            end_ = text_.read(raw_.get(), read_ahead);
        }
        if (cr_waits_) {
            const bool crlf = begin_ < end_ && raw_[begin_] == '\n';
            begin_ += crlf;
            to[filled++] = crlf ? crlf_mark : cr_mark;
            to[filled++] = '\n';
            cr_waits_ = false;
            continue;
        }
        if (const std::size_t n = plain(raw_.get() + begin_, std::min(end_ - begin_, room - filled)); n > 0) {
            std::memcpy(to + filled, raw_.get() + begin_, n);
            begin_ += n;
            filled += n;
            continue;
        }
        const char c = raw_[begin_++];
        cr_waits_ = c == '\r';
        if (!cr_waits_)
            to[filled++] = c == '\0' ? nul_mark : bytes::invalid_mark;
    }
    return filled;
}

/// Puts a mark in the place of a line whose first `size` bytes are in `to`; gives the size of what `to` holds then.
std::size_t byte_source::drop_line(char *to, std::size_t size) {
    skipped_ = size;
    *to = too_long_mark;
    for (;;) {
        const std::size_t n = transfer(to + 1, read_ahead);
        char *end = n > 0 ? static_cast<char *>(std::memchr(to + 1, '\n', n)) : nullptr;
        if (!end && n > 0) {
            skipped_ += n;
            continue;
        }
        if (!end) {
            to[1] = '\n';
            return 2;
        }
        if (end[-1] == crlf_mark || end[-1] == cr_mark)
            --end;
        const auto before = static_cast<std::size_t>(end - to) - 1;
        skipped_ += before;
        std::memmove(to + 1, end, n - before);
        return 1 + n - before;
    }
}

std::size_t byte_source::next_window(char *to) {
    std::size_t size = 0, whole = 0; // whole: bytes up to the end of the last line that ends
    auto add = [&](std::size_t n) {
        if (const void *end = memrchr(to + size, '\n', n))
            whole = static_cast<std::size_t>(static_cast<const char *>(end) + 1 - to);
        size += n;
    };
    std::copy(rest_.begin(), rest_.end(), to);
    add(rest_.size());
    while (whole == 0 || size < window_) {
        const std::size_t room = longest_line - size;
        if (room < 16) { // the decoder wants some
            if (whole == 0) {
                size = drop_line(to, size);
                whole = static_cast<std::size_t>(static_cast<char *>(std::memchr(to, '\n', size)) + 1 - to);
            }
            break; // a line that was dropped is its window's only one
        }
        const std::size_t n = transfer(to + size, room);
        if (n == 0) {
            if (size > whole && to[size - 1] == end_mark)
                --size;
            if (size > whole)
                to[size++] = '\n';
            whole = size;
            break;
        }
        add(n);
    }
    rest_.assign(to + whole, to + size);
    window_ = std::min(2 * window_, largest_window);
    return whole;
}

} // namespace barometre::csv
