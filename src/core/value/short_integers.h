#pragma once

#include "core/value/digits.h"

#include <array>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// Integers of one to eight digits, without a branch for each: of texts that have margins (record::field).
namespace barometre::value {

/// By the size of a text, which of its last eight bytes are digits, and the least that each may be.
class digit_places {
public:
    struct places {
        std::uint64_t digits, least;
    };
    static constexpr std::size_t no_text = 16; ///< in the place of a size: to be read as 0

    /// `canonical`: a number has no leading zero.
    explicit constexpr digit_places(bool canonical) : of_{} {
        for (places &none : of_) // whatever a digit is, it is less
            none = {~std::uint64_t{0}, ~std::uint64_t{0}};
        for (std::size_t n = 1; n <= 8; ++n) {
            const std::size_t first = 8 * (8 - n);
            of_[n] = {~std::uint64_t{0} << first, canonical && n > 1 ? std::uint64_t{1} << first : 0};
        }
        of_[no_text] = {0, 0};
    }
    const places &of(std::size_t size) const { return of_[size]; } ///< less than 16, or no_text

private:
    std::array<places, no_text + 1> of_;
};
inline constexpr digit_places any_integer(false), canonical_integer(true);

/// [-]digits; false: something else, or more of them.
[[gnu::always_inline]] inline bool read_short(std::string_view text, const digit_places &how, std::int64_t &number) {
    const auto negative = static_cast<std::size_t>(text[0] == '-'), n = text.size() - negative;
    if (n - 1 >= 8)
        return false;
    const auto &[places, least] = how.of(n);
    const auto last = bytes_at<std::uint64_t>(text.data() + text.size() - 8);
    const std::uint64_t digits = (last ^ 0x3030303030303030u) & places, high = 0x8080808080808080u;
    if (!are_digits(digits) || (((digits | high) - least) & high) != high)
        return false;
    const auto sign = -static_cast<std::int64_t>(negative);
    number = (static_cast<std::int64_t>(number_of(digits)) ^ sign) - sign;
    return true;
}

/// Writes four numbers, one after the other, of texts of digits without a sign that end there; false: one is something
/// else. `sizes`: of the texts, or no_text.
template <class Integer>
[[gnu::always_inline]] inline bool read_four(const char *const (&ends)[4], const std::size_t (&sizes)[4],
                                             const digit_places &how, char *to) {
#ifdef __SSE2__
    const auto last = [&](int i) { return _mm_loadl_epi64(reinterpret_cast<const __m128i *>(ends[i] - 8)); };
    const auto places = [&](int i) { return _mm_loadu_si128(reinterpret_cast<const __m128i *>(&how.of(sizes[i]))); };
    const auto fours_of = [&](int first, __m128i &wrong) { // of two texts the numbers that four digits make
        const __m128i one = places(first), other = places(first + 1);
        __m128i digits = _mm_unpacklo_epi64(last(first), last(first + 1));
        digits = _mm_and_si128(_mm_xor_si128(digits, _mm_set1_epi8('0')), _mm_unpacklo_epi64(one, other));
        wrong = _mm_or_si128(_mm_subs_epu8(digits, _mm_set1_epi8(9)),
                             _mm_subs_epu8(_mm_unpackhi_epi64(one, other), digits));
        const __m128i tens = _mm_mullo_epi16(_mm_and_si128(digits, _mm_set1_epi16(0xFF)), _mm_set1_epi16(10));
        return _mm_madd_epi16(_mm_add_epi16(tens, _mm_srli_epi16(digits, 8)), _mm_set1_epi32(1 << 16 | 100));
    };
    __m128i wrong, wrong_too;
    const __m128i one = fours_of(0, wrong), other = fours_of(2, wrong_too), zero = _mm_setzero_si128();
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_or_si128(wrong, wrong_too), zero)) != 0xFFFF)
        return false;
    const __m128i numbers = _mm_madd_epi16(_mm_packs_epi32(one, other), _mm_set1_epi32(1 << 16 | 10'000));
    auto *const at = reinterpret_cast<__m128i *>(to);
    if constexpr (sizeof(Integer) == 8) {
        _mm_storeu_si128(at, _mm_unpacklo_epi32(numbers, zero));
        _mm_storeu_si128(at + 1, _mm_unpackhi_epi32(numbers, zero));
    } else {
        _mm_storeu_si128(at, numbers);
    }
#else
    for (std::size_t i = 0; i < 4; ++i) {
        std::int64_t number = 0;
        const bool is_text = sizes[i] != digit_places::no_text;
        const std::string_view text(ends[i] - (is_text ? sizes[i] : 0), is_text ? sizes[i] : 0);
        if (is_text && (text.empty() || text[0] == '-' || !read_short(text, how, number)))
            return false;
        const auto written = static_cast<Integer>(number);
        std::memcpy(to + i * sizeof written, &written, sizeof written);
    }
#endif
    return true;
}

} // namespace barometre::value
