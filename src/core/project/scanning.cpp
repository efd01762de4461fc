#include "core/project/scanning.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace barometre::project {

namespace {

constexpr std::string_view spaces = " \t\r\n";

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::size_t after_spaces(const std::string &text, std::size_t at) {
    return std::min(text.find_first_not_of(spaces, at), text.size());
}

std::string word_at(const std::string &text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end]))
        ++end;
    return text.substr(at, end - at);
}

/// A number from 1 that stands at `at`; 0: none does.
int number_at(const std::string &text, std::size_t at) {
    int n = 0;
    if (at < text.size())
        std::from_chars(text.data() + at, text.data() + text.size(), n);
    return std::max(n, 0);
}

bool is_path(std::string_view text) {
    return text.find('.') != std::string_view::npos && text.find_first_of("\"'()") == std::string_view::npos;
}

} // namespace

std::vector<std::pair<std::string, std::string>> blocks_in(const std::string &text,
                                                           const std::vector<std::string> &words) {
    std::vector<std::pair<std::string, std::string>> out;
    for (std::size_t at = text.find("{%"); at != std::string::npos; at = text.find("{%", at + 2)) {
        std::size_t next = at + 2;
        if (next < text.size() && (text[next] == '-' || text[next] == '+'))
            ++next;
        const std::size_t begins = after_spaces(text, next);
        const std::string word = word_at(text, begins);
        if (std::find(words.begin(), words.end(), word) == words.end())
            continue;
        if (std::string name = word_at(text, after_spaces(text, begins + word.size())); !name.empty())
            out.emplace_back(word, std::move(name));
    }
    return out;
}

std::vector<call> references_in(const std::string &text) {
    std::vector<call> out;
    for (const std::string function : {"ref", "source"})
        for (std::size_t at = text.find(function); at != std::string::npos; at = text.find(function, at + 1)) {
            std::size_t next = after_spaces(text, at + function.size());
            if ((at > 0 && is_word(text[at - 1])) || next >= text.size() || text[next] != '(')
                continue;
            call one{function, {}};
            for (++next; next < text.size();) {
                next = after_spaces(text, next);
                if (next >= text.size() || (text[next] != '\'' && text[next] != '"'))
                    break;
                const std::size_t end = text.find(text[next], next + 1);
                if (end == std::string::npos)
                    break;
                one.names.push_back(text.substr(next + 1, end - next - 1));
                next = after_spaces(text, end + 1);
                if (next < text.size() && text[next] == ',')
                    ++next;
            }
            if (!one.names.empty())
                out.push_back(std::move(one));
        }
    return out;
}

std::optional<place> place_in(const std::string &message) {
    for (std::size_t at = message.find(':'); at != std::string::npos; at = message.find(':', at + 1)) {
        const std::string_view before(message.data(), at);
        if (!is_path(before))
            break;
        if (const int line = number_at(message, at + 1))
            return place{std::string(before), line};
    }
    constexpr std::string_view line = ", line ";
    const std::size_t at = message.find(line);
    const std::size_t open = at == std::string::npos ? at : message.rfind('(', at);
    if (open == std::string::npos)
        return std::nullopt;
    const std::string file = message.substr(open + 1, at - open - 1);
    if (!is_path(file))
        return std::nullopt;
    return place{file, number_at(message, at + line.size())};
}

} // namespace barometre::project
