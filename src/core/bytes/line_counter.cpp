#include "core/bytes/line_counter.h"

#include <algorithm>
#include <cstring>

namespace barometre::bytes {

namespace {

constexpr std::uint64_t ones = 0x0101010101010101u;

/// The high bit of each byte of `word` that is zero: the sum has those of the
/// others, and no carry leaves its byte.
std::uint64_t zero_bytes(std::uint64_t word) {
    constexpr std::uint64_t low = 0x7F * ones;
    return ~(((word & low) + low) | word | low);
}

std::uint64_t count_newlines(const char *text, std::size_t size) {
    std::uint64_t total = 0;
    std::size_t i = 0;
    while (i + 8 <= size) {
        std::uint64_t counts = 0; // one in each byte, which holds up to 255
        const std::size_t end = std::min(size, i + 255 * 8);
        for (; i + 8 <= end; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, text + i, 8);
            counts += zero_bytes(word ^ (ones * '\n')) >> 7;
        }
        for (; counts != 0; counts >>= 8)
            total += counts & 0xFF;
    }
    return total + static_cast<std::uint64_t>(std::count(text + i, text + size, '\n'));
}

} // namespace

void line_counter::over(const char *text, std::size_t size) {
    if (size == 0)
        return;
    lines += cr_waits && *text != '\n';
    cr_waits = text[size - 1] == '\r';
    const std::uint64_t newlines = count_newlines(text, size);
    lines += newlines;
    line_feeds += newlines;
    const char *end = text + size - 1; // the last byte's successor is not here
    for (const char *c = text;
         c < end && (c = static_cast<const char *>(std::memchr(c, '\r', static_cast<std::size_t>(end - c)))); ++c)
        lines += c[1] != '\n';
}

} // namespace barometre::bytes
