#include "core/csv/scan.h"
#include "core/csv/window_reader.h"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace barometre::csv {

namespace {

#ifdef __SSE2__
/// Of the 64 bytes at `at`: a bit for each of which `is` makes a byte of ones.
template <class Is> inline std::uint64_t bits(const char *at, Is &&is) {
    const auto sixteen = [&](int i) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at) + i);
        return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(is(block)))) << (16 * i);
    };
    return (sixteen(0) | sixteen(1)) | (sixteen(2) | sixteen(3));
}
#endif

/// Appends the places of the bits, counted from `begin`.
inline void add_places(std::uint64_t bits, std::size_t begin, place_list &to) {
    std::uint32_t *next = to.room(64), *const first = next;
    for (; bits != 0; bits &= bits - 1)
        *next++ = static_cast<std::uint32_t>(begin) + static_cast<std::uint32_t>(std::countr_zero(bits));
    to.add(static_cast<std::size_t>(next - first));
}

} // namespace

void scan_line(const char *text, std::size_t size, const dialect &how, place_list &ends, line_facts &facts) {
    facts = {};
    std::size_t i = 0;
    const char first = how.delimiter[0], escape = how.escape ? how.escape : how.quote;
#ifdef __SSE2__
    static_assert(read_beyond >= 64);
    const __m128i delimiters = _mm_set1_epi8(first), quotes = _mm_set1_epi8(how.quote), escapes = _mm_set1_epi8(escape);
    std::uint64_t has_quote = 0, is_other = 0;
    for (; i < size; i += 64) {
        const std::uint64_t valid = size - i < 64 ? ~(~std::uint64_t{0} << (size - i)) : ~std::uint64_t{0};
        const std::uint64_t found = bits(text + i, [&](__m128i b) { return _mm_cmpeq_epi8(b, delimiters); });
        has_quote |= valid & bits(text + i, [&](__m128i b) {
                         return _mm_or_si128(_mm_cmpeq_epi8(b, quotes), _mm_cmpeq_epi8(b, escapes));
                     });
        is_other |= valid & bits(text + i, [](__m128i b) { return b; });
        add_places(found & valid, i, ends);
    }
    facts.has_quote = has_quote != 0;
    facts.is_ascii = is_other == 0;
#endif
    for (; i < size; ++i) {
        if (text[i] == first)
            ends.push_back(static_cast<std::uint32_t>(i));
        facts.has_quote |= text[i] == how.quote || text[i] == escape;
        facts.is_ascii &= static_cast<unsigned char>(text[i]) < 0x80;
    }
    // No line holds a NUL, so that no quote and no escape are never found.
    if (how.delimiter.size() > 1) { // of what was found, what is one, and does not lie in another
        std::size_t free = 0;
        ends.remove_if([&](std::uint32_t at) {
            const bool is_one = at >= free && is_delimiter(text + at, text + size, how);
            free = is_one ? at + how.delimiter.size() : free;
            return !is_one;
        });
    }
}

void quote_scan::over(const char *record, std::size_t from, std::size_t size, const dialect &how, place_list &ends) {
    if (how.delimiter.size() == 1 && how.quote && how.quote != how.delimiter[0] && !how.escape && !how.lenient)
        by_places(record, from, size, how, ends);
    else
        by_bytes(record, from, size, how, ends);
}

namespace {

/// Hands over the places in text[from, size) of either character, in order, until one is refused.
template <class See>
void each_place(const char *text, std::size_t from, std::size_t size, char one, char other, See &&see) {
    std::size_t i = from;
#ifdef __SSE2__
    const __m128i ones = _mm_set1_epi8(one), others = _mm_set1_epi8(other);
    const auto places = [&](std::size_t at) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text + at));
        return static_cast<unsigned>(
            _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, ones), _mm_cmpeq_epi8(block, others))));
    };
    while (i < size && size >= 16) { // the last block begins before the end of the one before it
        const std::size_t begin = std::min(i, size - 16);
        for (unsigned at = places(begin) & ~0u << (i - begin); at != 0; at &= at - 1)
            if (!see(begin + static_cast<std::size_t>(std::countr_zero(at))))
                return;
        i = begin + 16;
    }
#endif
    for (; i < size; ++i)
        if ((text[i] == one || text[i] == other) && !see(i))
            return;
}

} // namespace

/// The same by delimiters and quotes alone, where one byte is each of them and nothing else means anything.
void quote_scan::by_places(const char *record, std::size_t from, std::size_t size, const dialect &how,
                           place_list &ends) {
    std::size_t begin = from; // of the field, or what comes after the quote that closed it
    each_place(record, from, size, how.delimiter[0], how.quote, [&](std::size_t place) {
        const bool is_quote = record[place] == how.quote;
        has_quote |= is_quote;
        if (at == quoted) {
            if (is_quote) {
                at = closed;
                begin = place + 1;
            }
        } else if (at == closed && place != begin) {
            at = broken;
        } else if (is_quote) {
            may_double |= at == closed;
            at = place == begin && at != unquoted ? quoted : unquoted;
            may_be_bare |= at == unquoted;
        } else {
            ends.push_back(static_cast<std::uint32_t>(place));
            at = field_start;
            begin = place + 1;
        }
        return at != broken;
    });
    if (at == closed && begin != size)
        at = broken;
}

void quote_scan::by_bytes(const char *record, std::size_t from, std::size_t size, const dialect &how,
                          place_list &ends) {
    has_quote = may_double = may_be_bare = true;
    const char *end = record + size;
    auto delimiter = [&](const char *&c) {
        ends.push_back(static_cast<std::uint32_t>(c - record));
        c += how.delimiter.size() - 1;
        return field_start;
    };
    for (const char *c = record + from; c < end && at != broken; ++c) {
        switch (at) {
        case field_start:
            if (how.quote && *c == how.quote) {
                at = quoted;
                break;
            }
            at = unquoted;
            [[fallthrough]];
        case unquoted:
            if (is_escaped(c, end, how))
                c += c[1] == how.escape || (how.quote && c[1] == how.quote) ? 1 : how.delimiter.size();
            else if (is_delimiter(c, end, how))
                at = delimiter(c);
            break;
        case quoted: // most of a quoted field is not looked at byte by byte
            if (how.escape) {
                while (c < end && *c != how.quote)
                    c += is_escaped(c, end, how) ? 2 : 1;
                if (c >= end)
                    return;
            } else if (!(c = static_cast<const char *>(std::memchr(c, how.quote, static_cast<std::size_t>(end - c))))) {
                return;
            }
            at = closed;
            break;
        case closed: // a quote now is the second of a doubled one
            if (*c == how.quote) {
                at = quoted;
                break;
            }
            [[fallthrough]];
        case padded:
            at = is_delimiter(c, end, how) ? delimiter(c) : how.lenient && (*c == ' ' || *c == '\t') ? padded : broken;
            break;
        case broken:
            break;
        }
    }
}

} // namespace barometre::csv
