#include "core/text/utf8.h"
#include "core/text/ascii.h"
#include "core/text/text.h"

#include <simdjson.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace barometre::text {

std::size_t utf8_size(std::string_view text) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        // Even a text with accents is ASCII for the most part.
        for (std::uint64_t eight; at + 8 <= text.size(); at += 8) {
            std::memcpy(&eight, bytes + at, 8);
            if (eight & 0x8080808080808080u)
                break;
        }
        while (at < text.size() && bytes[at] < 0x80)
            ++at;
        if (at == text.size())
            break;
        const auto rest = static_cast<std::int32_t>(std::min<std::size_t>(text.size() - at, 4));
        std::int32_t taken = 0;
        UChar32 c;
        U8_NEXT(bytes + at, taken, rest, c);
        if (c < 0)
            return at;
        at += static_cast<std::size_t>(taken);
    }
    return text.size();
}

bool is_utf8(std::string_view text) {
    // The library does it with as many bytes at once as the processor can, which takes some time to begin.
    return text.size() < 48 ? utf8_size(text) == text.size() : simdjson::validate_utf8(text.data(), text.size());
}

std::string legible(std::string_view text, char other) {
    std::string out;
    const auto stand_for = [&](std::string_view byte) { out += other ? std::string(1, other) : "\\x" + hex(byte); };
    for (;;) {
        std::string_view valid = text.substr(0, utf8_size(text));
        text.remove_prefix(valid.size());
        for (std::size_t at; (at = valid.find('\0')) != valid.npos; valid.remove_prefix(at + 1)) {
            out += valid.substr(0, at);
            stand_for(valid.substr(at, 1));
        }
        out += valid;
        if (text.empty())
            return out;
        stand_for(text.substr(0, 1));
        text.remove_prefix(1);
    }
}

std::string one_line(std::string_view name) {
    const auto digit = [&](std::size_t at) {
        return at < name.size() && (is_digit(name[at]) || ('a' <= lower(name[at]) && lower(name[at]) <= 'f'));
    };
    std::string out;
    for (std::size_t at = 0, valid = utf8_size(name); at < name.size(); ++at) {
        if (at > valid)
            valid = at + utf8_size(name.substr(at));
        const bool looks_escaped =
            name[at] == '\\' && at + 1 < name.size() && name[at + 1] == 'x' && digit(at + 2) && digit(at + 3);
        if (at == valid || is_control(name[at]) || looks_escaped)
            out += "\\x" + hex(name.substr(at, 1));
        else
            out += name[at];
    }
    return out;
}

spot spot_of(std::string_view text, std::size_t at) {
    spot out;
    for (const char c : text.substr(0, at)) {
        if (c == '\n')
            out = {out.line + 1, 1};
        else
            out.column += begins_character(c);
    }
    return out;
}

bool is_ascii(std::string_view s) {
    std::uint64_t all = 0;
    std::size_t i = 0;
    for (; i + 8 <= s.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, s.data() + i, 8);
        all |= word;
    }
    for (; i < s.size(); ++i)
        all |= static_cast<std::uint64_t>(static_cast<unsigned char>(s[i]) & 0x80);
    return (all & 0x8080808080808080u) == 0;
}

bool is_blank(std::string_view s) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(s.data());
    const auto size = static_cast<std::int32_t>(s.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c;
        U8_NEXT(bytes, i, size, c);
        if (c < 0 || !(u_isspace(c) || u_isUWhiteSpace(c)))
            return false;
    }
    return true;
}

} // namespace barometre::text
