#include "core/csv/line_index.h"
#include "core/csv/byte_source.h"
#include "core/csv/window_reader.h"

#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace barometre::csv {

namespace {

constexpr std::size_t block = 64;
constexpr std::size_t scanned_at_once = 256 * block; // what is found stays in the cache until it is taken
static_assert(read_beyond >= block);

/// Leaves out what was taken.
void forget(place_list &places, std::size_t &taken) {
    places.remove_first(taken);
    taken = 0;
}

} // namespace

line_index::line_index(const dialect &how)
    : delimiter_(how.delimiter.empty() ? '\0' : how.delimiter[0]), quote_(how.quote),
      escape_(how.escape ? how.escape : how.quote) {}

void line_index::begin(const char *window, bool is_text) {
    window_ = window;
    is_text_ = is_text;
    scanned_ = end_ = line_ = odd_block_ = 0;
    ends_.clear();
    lines_.clear();
    odd_.clear();
}

std::uint32_t *line_index::columns(std::size_t at, std::size_t end, std::size_t columns) {
    const auto pass = [](const place_list &places, std::size_t &next, std::size_t before) {
        while (next < places.size() && places.data()[next] < before)
            ++next;
    };
    pass(ends_, end_, at);
    pass(lines_, line_, at);
    while (line_ == lines_.size()) {
        if (scanned_ >= end)
            return nullptr;
        scan_more(at, end);
    }
    const std::uint32_t line_end = lines_.data()[line_];
    pass(odd_, odd_block_, at < block ? 0 : at - block + 1);
    if (odd_block_ < odd_.size() && odd_.data()[odd_block_] < line_end)
        return nullptr;
    if (ends_.size() - end_ < columns || ends_.data()[end_ + columns - 1] != line_end)
        return nullptr;
    std::uint32_t *const found = ends_.data() + end_;
    end_ += columns;
    ++line_;
    return found;
}

#ifdef __SSE2__

namespace {

/// A bit for each of 64 bytes that is all ones.
inline std::uint64_t bits_of(const __m128i (&bytes)[4]) {
    const auto sixteen = [&](int i) {
        return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(bytes[i]))) << (16 * i);
    };
    return (sixteen(0) | sixteen(1)) | (sixteen(2) | sixteen(3));
}

/// The processor's own instruction is not on all that this is compiled for.
inline std::size_t count_of(std::uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    return ((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56;
}

/// Writes the places of the bits, counted from `begin`, some at a time, of which the last may be none; gives where they
/// end.
constexpr std::size_t places_at_once = 4;
inline std::uint32_t *write_places(std::uint64_t bits, std::size_t begin, std::uint32_t *to) {
    std::uint32_t *const end = to + count_of(bits);
    for (; to < end; to += places_at_once)
        for (std::size_t i = 0; i < places_at_once; ++i, bits &= bits - 1)
            to[i] = static_cast<std::uint32_t>(begin) +
                    static_cast<std::uint32_t>(std::countr_zero(bits | std::uint64_t{1} << 63));
    return end;
}

} // namespace

void line_index::scan_more(std::size_t at, std::size_t end) {
    forget(ends_, end_);
    forget(lines_, line_);
    forget(odd_, odd_block_);
    std::size_t place = std::max(scanned_, at);
    const std::size_t stop = std::min(end, place + scanned_at_once), most = stop - place + block + places_at_once;
    std::uint32_t *const first_end = ends_.room(most), *const first_line = lines_.room(most), *ends = first_end,
                         *lines = first_line;
    const __m128i delimiters = _mm_set1_epi8(delimiter_), feeds = _mm_set1_epi8('\n'), quotes = _mm_set1_epi8(quote_),
                  escapes = _mm_set1_epi8(escape_), marks = _mm_set1_epi8(crlf_mark);
    const bool is_text = is_text_;
    for (; place < stop; place += block) {
        const auto *const from = reinterpret_cast<const __m128i *>(window_ + place);
        __m128i is_end[4], is_feed[4], is_odd = _mm_setzero_si128();
        for (int i = 0; i < 4; ++i) {
            const __m128i bytes = _mm_loadu_si128(from + i);
            is_feed[i] = _mm_cmpeq_epi8(bytes, feeds);
            is_end[i] = _mm_or_si128(is_feed[i], _mm_cmpeq_epi8(bytes, delimiters));
            is_odd = _mm_or_si128(is_odd, _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, escapes)));
            if (!is_text)
                is_odd = _mm_or_si128(is_odd, _mm_andnot_si128(_mm_cmpeq_epi8(bytes, marks), bytes));
        }
        const std::uint64_t valid = end - place < block ? ~(~std::uint64_t{0} << (end - place)) : ~std::uint64_t{0};
        ends = write_places(bits_of(is_end) & valid, place, ends);
        for (std::uint64_t left = bits_of(is_feed) & valid; left != 0; left &= left - 1)
            *lines++ = static_cast<std::uint32_t>(place) + static_cast<std::uint32_t>(std::countr_zero(left));
        if (_mm_movemask_epi8(is_odd) != 0)
            odd_.push_back(static_cast<std::uint32_t>(place));
    }
    scanned_ = place;
    ends_.add(static_cast<std::size_t>(ends - first_end));
    lines_.add(static_cast<std::size_t>(lines - first_line));
}

#else

void line_index::scan_more(std::size_t, std::size_t end) { scanned_ = end; } // nothing is found ahead

#endif

} // namespace barometre::csv
