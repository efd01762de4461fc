#include "core/text/text.h"

#include <cstdio>

namespace barometre::text {

void append(std::string &list, std::string_view more, std::string_view separator) {
    if (!list.empty())
        list += separator;
    list += more;
}

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

std::string_view cut(std::string_view text, std::size_t most) {
    if (text.size() <= most)
        return text;
    while (most > 0 && !begins_character(text[most]))
        --most;
    return text.substr(0, most);
}

std::string shortened(std::string_view text, std::size_t most) {
    if (text.size() <= most)
        return std::string(text);
    return std::string(cut(text, most < 3 ? 0 : most - 3)) + "...";
}

std::string hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string format_seconds(double seconds) {
    char text[64];
    std::snprintf(text, sizeof text, "%.3f", seconds);
    return text;
}

std::string format_count(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), " ");
    return digits;
}

} // namespace barometre::text
