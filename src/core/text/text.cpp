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

namespace {

/// How many bytes of a text without line ends are its first line. Spaces at its beginning end none.
std::size_t first_line(std::string_view text, std::size_t width, bool whole_words) {
    std::size_t room = 0;
    for (std::size_t characters = 0; room < text.size(); ++room)
        if (begins_character(text[room]) && ++characters > width)
            break;
    if (room == text.size())
        return room;
    const std::size_t word = std::min(text.find_first_not_of(' '), room);
    if (const std::size_t space = text.rfind(' ', room); space != std::string_view::npos && space > word)
        return text.find_last_not_of(' ', space) + 1;
    if (whole_words)
        return std::min(text.find(' ', room), text.size());
    const std::size_t sign = text.substr(0, room).find_last_of("._-/,:;");
    return sign == std::string_view::npos || sign < word ? room : sign + 1;
}

} // namespace

std::string fold(std::string_view text, std::size_t width, bool whole_words) {
    std::string out;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line(text.substr(begin, end - begin));
        std::replace_if(
            line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        out += begin == 0 ? "" : "\n";
        for (std::string_view rest = line;;) {
            const std::size_t taken = first_line(rest, width, whole_words);
            out += rest.substr(0, taken);
            if (taken == rest.size())
                break;
            rest.remove_prefix(std::min(rest.find_first_not_of(' ', taken), rest.size()));
            out += '\n';
        }
        begin = end + 1;
    }
    return out;
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

std::string sentence(std::string words) {
    words.erase(words.find_last_not_of(" \t\r\n") + 1); // npos + 1 is 0
    if (!words.empty() && std::string_view(".!?;").find(words.back()) == std::string_view::npos)
        words += '.';
    return words;
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
