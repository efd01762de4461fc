#include "core/bytes/md5.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace barometre::bytes {

namespace {

using md5_state = std::array<std::uint32_t, 4>;

const std::array<std::uint32_t, 64> &md5_sines() { // RFC 1321: the integer part of 2**32 * abs(sin(i + 1))
    static const std::array<std::uint32_t, 64> all = [] {
        std::array<std::uint32_t, 64> out{};
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] =
                static_cast<std::uint32_t>(std::floor(4294967296.0 * std::fabs(std::sin(static_cast<double>(i + 1)))));
        return out;
    }();
    return all;
}

void md5_block(md5_state &state, const unsigned char *block) {
    static constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static constexpr std::uint32_t factor[4] = {1, 5, 3, 7}, first[4] = {0, 1, 5, 0};
    std::uint32_t word[16];
    for (std::size_t i = 0; i < 16; ++i)
        word[i] = std::uint32_t{block[4 * i]} | std::uint32_t{block[4 * i + 1]} << 8 |
                  std::uint32_t{block[4 * i + 2]} << 16 | std::uint32_t{block[4 * i + 3]} << 24;
    auto [a, b, c, d] = state;
    for (std::uint32_t i = 0; i < 64; ++i) {
        const std::uint32_t round = i / 16;
        const std::uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                                    : round == 1 ? (d & b) | (~d & c)
                                    : round == 2 ? b ^ c ^ d
                                                 : c ^ (b | ~d);
        const std::uint32_t sum = a + mixed + md5_sines()[i] + word[(factor[round] * i + first[round]) % 16];
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, turns[round][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

} // namespace

std::string md5(std::string_view text) {
    md5_state state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const auto *at = reinterpret_cast<const unsigned char *>(text.data());
    const std::size_t whole = text.size() / 64 * 64;
    for (std::size_t i = 0; i < whole; i += 64)
        md5_block(state, at + i);
    std::string rest(text.substr(whole));
    rest += '\x80';
    rest.append((rest.size() <= 56 ? 56 : 120) - rest.size(), '\0');
    for (int byte = 0; byte < 8; ++byte)
        rest += static_cast<char>((std::uint64_t{text.size()} * 8) >> (8 * byte) & 0xFF);
    for (std::size_t i = 0; i < rest.size(); i += 64)
        md5_block(state, reinterpret_cast<const unsigned char *>(rest.data()) + i);
    std::string out;
    for (const std::uint32_t part : state)
        for (int byte = 0; byte < 4; ++byte) {
            const unsigned char c = static_cast<unsigned char>(part >> (8 * byte));
            out += "0123456789abcdef"[c >> 4];
            out += "0123456789abcdef"[c & 15];
        }
    return out;
}

} // namespace barometre::bytes
