#include "core/sql/words.h"

#include <cctype>
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
    for (std::size_t at = 0; at + function.size() < text.size(); ++at) {
        if (strncasecmp(text.data() + at, function.data(), function.size()) != 0 ||
            (at > 0 && in_word(static_cast<unsigned char>(text[at - 1]))))
            continue;
        std::size_t next = text.find_first_not_of(" \t\r\n", at + function.size());
        if (next == std::string::npos || text[next] != '(')
            continue;
        int depth = 0;
        bool comma = false;
        do {
            depth += text[next] == '(' ? 1 : text[next] == ')' ? -1 : 0;
            comma |= depth == 1 && text[next] == ',';
        } while (++next < text.size() && depth > 0);
        if (!comma)
            return true;
    }
    return false;
}

} // namespace barometre::sql
