#include "core/csv/byte_source.h"

#include <xxhash.h>

#include <cerrno>
#include <new>

#include <unistd.h>

namespace barometre::csv {

namespace {

constexpr std::size_t chunk = 1 << 18;

} // namespace

byte_source::progress::progress() : hash(XXH3_createState()) {
    if (!hash)
        throw std::bad_alloc();
    XXH3_128bits_reset(hash);
}

byte_source::progress::~progress() { XXH3_freeState(hash); }

byte_source::byte_source(int descriptor, std::shared_ptr<progress> seen)
    : descriptor_(descriptor), seen_(std::move(seen)), raw_(chunk) {}

byte_source::~byte_source() = default;

bool byte_source::refill() {
    while (!at_end_) {
        ssize_t got = ::read(descriptor_, raw_.data(), raw_.size());
        if (got > 0) {
            XXH3_128bits_update(seen_->hash, raw_.data(), static_cast<std::size_t>(got));
            seen_->bytes += static_cast<std::uint64_t>(got);
            begin_ = 0;
            end_ = static_cast<std::size_t>(got);
            return true;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            seen_->failure = errno;
        at_end_ = true;
    }
    return false;
}

int byte_source::read(char *buffer, int size) {
    int filled = 0;
    auto put = [&](char c) {
        buffer[filled++] = c;
        last_ = c;
    };
    while (filled < size) {
        if (begin_ == end_ && !refill()) {
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
