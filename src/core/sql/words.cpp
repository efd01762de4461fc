#include "core/sql/words.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <set>

#include <strings.h>

namespace barometre::sql {

std::vector<std::string> words(const std::string &text) {
    std::set<std::string> out;
    auto begins = [](unsigned char c) {
        return c == '_' || c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    const std::size_t size = text.size();
    for (std::size_t at = 0; at < size;) {
        const char c = text[at];
        if (text.compare(at, 2, "--") == 0) {
            at = std::min(text.find('\n', at), size);
        } else if (text.compare(at, 2, "/*") == 0) {
            int depth = 0;
            do {
                if (text.compare(at, 2, "/*") == 0 || text.compare(at, 2, "*/") == 0) {
                    depth += text[at] == '/' ? 1 : -1;
                    at += 2;
                } else {
                    ++at;
                }
            } while (depth > 0 && at < size);
        } else if (c == '\'') {
            const bool escapes = at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E');
            std::string word;
            bool first = true;
            for (++at; at < size && text[at] != '\''; ++at) {
                const char letter = static_cast<char>(text[at] | 0x20);
                if (first && letter >= 'a' && letter <= 'z')
                    word += letter;
                else if (!word.empty() || text[at] != ' ')
                    first = false;
                if (escapes && text[at] == '\\')
                    ++at;
            }
            ++at; // a doubled quote begins another string, which is all the same here
            if (word == "now" || word == "today" || word == "tomorrow" || word == "yesterday")
                out.insert('\'' + word);
        } else if (c == '"') {
            std::string word = "\"";
            for (++at; at < size && (text[at] != '"' || text.compare(at, 2, "\"\"") == 0); ++at) {
                word += text[at];
                if (text[at] == '"')
                    ++at;
            }
            ++at;
            out.insert(word);
        } else if (begins(static_cast<unsigned char>(c))) {
            std::string word;
            for (; at < size && (begins(static_cast<unsigned char>(text[at])) || (text[at] >= '0' && text[at] <= '9') ||
                                 text[at] == '$');
                 ++at)
                word += text[at] >= 'A' && text[at] <= 'Z' ? static_cast<char>(text[at] + ('a' - 'A')) : text[at];
            out.insert(word);
        } else {
            ++at;
        }
    }
    return {out.begin(), out.end()};
}

bool calls_with_one_argument(const std::string &text, const std::string &function) {
    auto in_word = [](unsigned char c) { return c == '_' || c == '$' || c >= 0x80 || std::isalnum(c); };
    auto is_call = [&](std::size_t parenthesis) {
        std::size_t end = parenthesis;
        while (end > 0 && std::strchr(" \t\r\n", text[end - 1]) && text[end - 1] != '\0')
            --end;
        return end >= function.size() &&
               strncasecmp(text.data() + end - function.size(), function.data(), function.size()) == 0 &&
               (end == function.size() || !in_word(static_cast<unsigned char>(text[end - function.size() - 1])));
    };
    struct open_parenthesis {
        bool call, comma;
    };
    std::vector<open_parenthesis> open; // in one pass, however deep they are
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '(') {
            open.push_back({is_call(at), false});
        } else if (text[at] == ',' && !open.empty()) {
            open.back().comma = true;
        } else if (text[at] == ')' && !open.empty()) {
            if (open.back().call && !open.back().comma)
                return true;
            open.pop_back();
        }
    }
    return std::any_of(open.begin(), open.end(), [](const open_parenthesis &p) { return p.call && !p.comma; });
}

} // namespace barometre::sql
