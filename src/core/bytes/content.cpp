#include "core/bytes/content.h"
#include "core/bytes/line_counter.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/text/text.h"

#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

#include <unistd.h>

namespace barometre::bytes {

read_progress::read_progress() : hash(XXH3_createState()) {
    if (!hash)
        throw std::bad_alloc();
    XXH3_128bits_reset(hash);
}

read_progress::read_progress(const read_progress &other) : read_progress() {
    XXH3_copyState(hash, other.hash);
    bytes = other.bytes;
    cr_ends = other.cr_ends;
    if (other.unpacked) {
        add_unpacked("", 0);
        XXH3_copyState(unpacked, other.unpacked);
    }
}

read_progress::~read_progress() {
    XXH3_freeState(hash);
    XXH3_freeState(unpacked);
}

namespace {

content_hash digest_of(const XXH3_state_t *state) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    content_hash out;
    std::memcpy(out.data(), canonical.digest, out.size());
    return out;
}

} // namespace

content_hash read_progress::digest() const { return digest_of(hash); }
content_hash read_progress::unpacked_digest() const { return digest_of(unpacked ? unpacked : hash); }

void read_progress::add_unpacked(const char *from, std::size_t size) {
    if (!unpacked) {
        unpacked = XXH3_createState();
        if (!unpacked)
            throw std::bad_alloc();
        XXH3_128bits_reset(unpacked);
    }
    XXH3_128bits_update(unpacked, from, size);
}

namespace {

/// Hands the bytes of a file to `take`, from its beginning.
template <class F> void read_bytes(int descriptor, std::uint64_t most, F &&take) {
    std::vector<char> buffer(1 << 18); // which stays in the processor's cache
    for (std::uint64_t at = 0; at < most;) {
        check_interrupts();
        ssize_t got = ::pread(descriptor, buffer.data(), std::min<std::uint64_t>(most - at, buffer.size()),
                              static_cast<off_t>(at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw unreadable(std::strerror(errno), disk_remedy);
        if (got == 0)
            break;
        at += static_cast<std::uint64_t>(got);
        take(buffer.data(), static_cast<std::size_t>(got));
    }
}

} // namespace

prefix read_prefix(int descriptor, std::uint64_t bytes) {
    prefix out;
    out.progress = std::make_shared<read_progress>();
    line_counter counter;
    char last = 0;
    bool cr_first = false; // the first line ends in a CR, perhaps alone
    read_bytes(descriptor, bytes, [&](const char *from, std::size_t n) {
        XXH3_128bits_update(out.progress->hash, from, n);
        counter.over(from, n);
        if (std::optional<bool> &cr_ends = out.progress->cr_ends; !cr_ends) {
            const std::string_view text(from, n);
            const std::size_t end = cr_first ? 0 : text.find_first_of("\r\n");
            if (end != std::string_view::npos) {
                const std::size_t next = end + !cr_first;
                cr_first |= text[end] == '\r';
                if (!cr_first || next < n)
                    cr_ends = cr_first && text[next] != '\n';
            }
        }
        out.bytes += n;
        last = from[n - 1];
    });
    out.progress->bytes = out.bytes;
    out.hash = out.progress->digest();
    out.lines = counter.lines;
    out.line_feeds = counter.line_feeds;
    out.whole_lines = last == '\n';
    return out;
}

content_hash hash_file(int descriptor) {
    read_progress seen;
    read_bytes(descriptor, std::uint64_t(-1),
               [&](const char *from, std::size_t n) { XXH3_128bits_update(seen.hash, from, n); });
    return seen.digest();
}

std::string to_hex(const content_hash &hash) {
    return text::hex({reinterpret_cast<const char *>(hash.data()), hash.size()});
}

} // namespace barometre::bytes
