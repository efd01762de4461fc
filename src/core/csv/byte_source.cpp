#include "core/csv/byte_source.h"

#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace barometre::csv {

namespace {

constexpr std::size_t chunk = 1 << 16;

/// How many of the `n` bytes at `from` can be taken as they are. Eight bytes at a
/// time: x - 0x01.. & ~x & 0x80.. has a bit if x has a zero byte.
std::size_t plain(const char *from, std::size_t n) {
    constexpr std::uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & high; };
    auto special = [&](const char *at) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        return has_zero(word) | has_zero(word ^ (ones * '\r')) | has_zero(~word & (ones * 0xFE));
    };
    std::size_t i = 0;
    for (; i + 32 <= n; i += 32)
        if (special(from + i) | special(from + i + 8) | special(from + i + 16) | special(from + i + 24))
            break;
    for (; i < n; ++i) {
        const auto c = static_cast<unsigned char>(from[i]);
        if (c == 0 || c == '\r' || c >= 0xFE)
            break;
    }
    return i;
}

} // namespace


byte_source::byte_source(int descriptor, std::shared_ptr<read_progress> seen, std::size_t most)
    : descriptor_(descriptor), seen_(std::move(seen)), raw_(chunk), most_(most) {}

byte_source::~byte_source() = default;

std::size_t byte_source::read_file(char *to, std::size_t most) {
    while (!at_end_) {
        ssize_t got = ::read(descriptor_, to, most);
        if (got > 0) {
            XXH3_128bits_update(seen_->hash, to, static_cast<std::size_t>(got));
            seen_->bytes += static_cast<std::uint64_t>(got);
            return static_cast<std::size_t>(got);
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            seen_->failure = errno;
        at_end_ = true;
    }
    return 0;
}

int byte_source::read(char *buffer, int size) {
    if (most_ == 0)
        return fill(buffer, size);
    const int window = std::min(size, static_cast<int>(most_));
    int filled = fill(buffer, window);
    seen_->cut = filled == window;
    if (seen_->cut)
        while (filled > 0 && buffer[filled - 1] != '\n')
            --filled;
    return filled;
}

int byte_source::fill(char *buffer, int size) {
    int filled = 0;
    auto put = [&](char c) {
        buffer[filled++] = c;
        last_ = c;
    };
    while (filled < size) {
        if (begin_ == end_ && !cr_waits_ && !at_end_) {
            // Read to where it is wanted; from the first byte that can't stay, the slow way.
            char *to = buffer + filled;
            const std::size_t got = read_file(to, std::min(chunk, static_cast<std::size_t>(size - filled)));
            const std::size_t n = plain(to, got);
            filled += static_cast<int>(n);
            if (n > 0)
                last_ = to[n - 1];
            begin_ = 0;
            end_ = got - n;
            std::memcpy(raw_.data(), to + n, end_);
            continue;
        }
        if (begin_ == end_ && (end_ = read_file(raw_.data(), chunk), begin_ = 0, end_ == 0)) {
            if (cr_waits_) { // a CR at the very end of the file
                cr_waits_ = false;
                put('\r');
                continue;
            }
            if (last_ == '\n')
                break;
            // A mark keeps the LineReader from dropping a CR that ends the file.
            put(last_ == '\r' ? carriage_return_mark : '\n');
            continue;
        }
        if (cr_waits_) {
            if (raw_[begin_] == '\n') {
                // Mark, CR and LF may fall into different requests, but never apart from each other.
                if (last_ != carriage_return_mark) {
                    put(carriage_return_mark);
                    continue;
                }
            }
            cr_waits_ = false;
            put('\r');
            continue;
        }
        const std::size_t n = plain(raw_.data() + begin_, std::min(end_ - begin_, static_cast<std::size_t>(size - filled)));
        if (n > 0) {
            std::memcpy(buffer + filled, raw_.data() + begin_, n);
            begin_ += n;
            filled += static_cast<int>(n);
            last_ = buffer[filled - 1];
            continue;
        }
        char c = raw_[begin_++];
        switch (c) {
        case '\r': cr_waits_ = true; break;
        case '\0': put(nul_mark); break;
        case carriage_return_mark:
        case nul_mark: put(invalid_mark); break;
        default: put(c);
        }
    }
    return filled;
}

} // namespace barometre::csv
