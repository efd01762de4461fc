#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Up to eight digits at once: as the bytes of one word, of which the lowest is the first character.
namespace barometre::value {

/// So many bytes of text, the first one lowest; nothing beside them is read.
template <class Word> inline Word bytes_at(const char *at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    if constexpr (std::endian::native == std::endian::little)
        return word;
    else if constexpr (sizeof word == 8)
        return __builtin_bswap64(word);
    else
        return __builtin_bswap32(word);
}

/// A word whose bytes in memory are its lowest first.
inline std::uint64_t little_endian(std::uint64_t word) {
    return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

/// A text of one to eight characters, each less '0' if it is a digit, behind as many zeros as are missing.
inline std::uint64_t digits_at(const char *at, std::size_t n) {
    const std::size_t missing = 8 * (8 - n); // bits
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (missing + 8 * i);
    };
    // What is read twice comes to lie on itself.
    const std::uint64_t word = n < 4 ? byte(0) | byte(n / 2) | byte(n - 1)
                                     : static_cast<std::uint64_t>(bytes_at<std::uint32_t>(at)) << missing |
                                           static_cast<std::uint64_t>(bytes_at<std::uint32_t>(at + n - 4)) << 32;
    return word ^ 0x3030303030303030u << missing;
}

/// Whether each byte is at most 9.
inline bool are_digits(std::uint64_t word) {
    return (((word + 0x7676767676767676u) | word) & 0x8080808080808080u) == 0;
}

/// In each byte of digits, the number that it makes with the one after it.
inline std::uint64_t pairs_of(std::uint64_t digits) { return digits * 10 + (digits >> 8); }

/// The number that eight digits make.
inline std::uint32_t number_of(std::uint64_t digits) {
    const std::uint64_t pairs = pairs_of(digits), mask = 0x000000FF000000FFu;
    return static_cast<std::uint32_t>(((pairs & mask) * (100 + (std::uint64_t{1'000'000} << 32)) +
                                       ((pairs >> 16) & mask) * (1 + (std::uint64_t{10'000} << 32))) >>
                                      32);
}

} // namespace barometre::value
