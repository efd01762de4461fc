#include "core/python/text.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace barometre::python {

char32_t next(std::string_view s, std::size_t &at) {
    UChar32 c;
    std::int32_t i = 0;
    const std::int32_t n = static_cast<std::int32_t>(std::min<std::size_t>(s.size() - at, 4));
    const char *from = s.data() + at;
    U8_NEXT(from, i, n, c);
    if (c < 0) { // one byte at a time, whatever ICU took
        ++at;
        return 0xFFFD;
    }
    at += static_cast<std::size_t>(i);
    return static_cast<char32_t>(c);
}

void append(std::string &to, char32_t character) {
    char bytes[4];
    std::int32_t n = 0;
    UBool wrong = 0;
    U8_APPEND(bytes, n, 4, static_cast<UChar32>(character), wrong);
    if (wrong)
        to += "\xEF\xBF\xBD";
    else
        to.append(bytes, static_cast<std::size_t>(n));
}

std::size_t length(std::string_view s) {
    std::size_t n = 0;
    for (std::size_t at = 0; at < s.size(); ++n)
        next(s, at);
    return n;
}

std::vector<std::string> characters(std::string_view s) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t from = at;
        next(s, at);
        out.emplace_back(s.substr(from, at - from));
    }
    return out;
}

bool is_letter(char32_t c) { return c == '_' || (c != 0xFFFD && u_isalpha(static_cast<UChar32>(c))); }
bool is_space(char c) { return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20); }

namespace {

template <class Change> std::string changed(const std::string &s, Change change) {
    icu::UnicodeString wide = icu::UnicodeString::fromUTF8(s);
    change(wide);
    std::string out;
    wide.toUTF8String(out);
    return out;
}

} // namespace

std::string upper(const std::string &s) {
    return changed(s, [](icu::UnicodeString &w) { w.toUpper(icu::Locale::getRoot()); });
}
std::string lower(const std::string &s) {
    return changed(s, [](icu::UnicodeString &w) { w.toLower(icu::Locale::getRoot()); });
}

namespace {

/// The first letter of a word: of "ß" it is "Ss", and of "ǆ" it is "ǅ".
std::string beginning_a_word(const std::string &c) {
    return changed(c, [](icu::UnicodeString &w) { w.toTitle(nullptr, icu::Locale::getRoot()); });
}

} // namespace

std::string capitalized(const std::string &s) {
    std::size_t first = 0;
    if (!s.empty())
        next(s, first);
    return beginning_a_word(s.substr(0, first)) + lower(s.substr(first));
}

std::string title(const std::string &s) {
    std::string out;
    bool inside = false; // of a word, which letters that have a case make
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t from = at;
        const bool letter = u_hasBinaryProperty(static_cast<UChar32>(next(s, at)), UCHAR_CASED);
        const std::string c = s.substr(from, at - from);
        out += inside ? lower(c) : beginning_a_word(c);
        inside = letter;
    }
    return out;
}

std::string stripped(std::string_view s, bool left, bool right, const std::string *set) {
    std::vector<std::string> away;
    if (set)
        away = characters(*set);
    auto goes = [&](std::string_view c) {
        if (set)
            return std::find(away.begin(), away.end(), c) != away.end();
        std::size_t at = 0;
        const char32_t code = next(c, at);
        return code < 0x80 ? is_space(c[0]) : code != 0xFFFD && u_isUWhiteSpace(static_cast<UChar32>(code));
    };
    while (left && !s.empty()) {
        std::size_t end = 0;
        next(s, end);
        if (!goes(s.substr(0, end)))
            break;
        s.remove_prefix(end);
    }
    while (right && !s.empty()) {
        std::size_t from = s.size() - 1, end;
        while (from > 0 && s.size() - from < 4 && (static_cast<unsigned char>(s[from]) & 0xC0) == 0x80)
            --from;
        end = from;
        next(s, end);
        if (end != s.size()) // no UTF-8: the last byte alone
            from = s.size() - 1;
        if (!goes(s.substr(from)))
            break;
        s.remove_suffix(s.size() - from);
    }
    return std::string(s);
}

std::string replaced(const std::string &s, const std::string &from, const std::string &to, std::int64_t times) {
    std::string out;
    if (from.empty()) { // Python puts `to` before each character and at the end
        for (std::size_t at = 0; at < s.size();) {
            if (times != 0) {
                out += to;
                --times;
            }
            const std::size_t from_byte = at;
            next(s, at);
            out.append(s, from_byte, at - from_byte);
        }
        return times != 0 ? out + to : out;
    }
    std::size_t at = 0;
    for (std::size_t found; times != 0 && (found = s.find(from, at)) != std::string::npos; --times) {
        out.append(s, at, found - at).append(to);
        at = found + from.size();
    }
    return out.append(s, at, std::string::npos);
}

std::vector<std::string> split(const std::string &s, const std::string *separator, std::int64_t times) {
    std::vector<std::string> out;
    std::size_t at = 0;
    if (separator) {
        for (std::size_t found; times != 0 && (found = s.find(*separator, at)) != std::string::npos; --times) {
            out.push_back(s.substr(at, found - at));
            at = found + separator->size();
        }
        out.push_back(s.substr(at));
        return out;
    }
    for (;;) {
        while (at < s.size() && is_space(s[at]))
            ++at;
        if (at == s.size())
            return out;
        std::size_t end = at;
        if (times == 0)
            end = s.size();
        while (end < s.size() && !is_space(s[end]))
            ++end;
        out.push_back(times == 0 ? stripped(s.substr(at), false, false) : s.substr(at, end - at));
        --times;
        at = end;
    }
}

std::string quoted(const std::string &s) {
    const char quote = s.find('\'') != std::string::npos && s.find('"') == std::string::npos ? '"' : '\'';
    std::string out(1, quote);
    char escape[16];
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t from = at;
        const char32_t c = next(s, at);
        const std::string_view bytes(s.data() + from, at - from);
        if (c == static_cast<char32_t>(quote) || c == '\\')
            out += '\\', out += static_cast<char>(c);
        else if (c == '\n' || c == '\r' || c == '\t')
            out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
        else if (c == ' ' || (u_isprint(static_cast<UChar32>(c)) && !u_isspace(static_cast<UChar32>(c))) || c == 0xFFFD)
            out += bytes;
        else {
            std::snprintf(escape, sizeof escape,
                          c < 0x100     ? "\\x%02x"
                          : c < 0x10000 ? "\\u%04x"
                                        : "\\U%08x",
                          static_cast<unsigned>(c));
            out += escape;
        }
    }
    return out += quote;
}

std::string number(double d) {
    if (std::isnan(d))
        return "nan";
    if (std::isinf(d))
        return d < 0 ? "-inf" : "inf";
    char buffer[64];
    const double size = std::fabs(d);
    const bool plain = d == 0 || (size >= 1e-4 && size < 1e16);
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, d,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific)
                         .ptr;
    std::string out(buffer, end);
    return plain && out.find('.') == std::string::npos ? out + ".0" : out;
}

} // namespace barometre::python
