#include "core/python/methods.h"
#include "core/python/text.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <map>

namespace barometre::python {

namespace {

bool ends_line(char32_t c) {
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

std::string repeated(const std::string &s, std::size_t times) {
    std::string out;
    out.reserve(s.size() * times);
    while (times-- > 0)
        out += s;
    return out;
}

bool has(char32_t c, UProperty property) { return u_hasBinaryProperty(static_cast<UChar32>(c), property); }
bool is_upper(char32_t c) { return has(c, UCHAR_UPPERCASE); }
bool is_lower(char32_t c) { return has(c, UCHAR_LOWERCASE); }
bool is_title(char32_t c) { return u_charType(static_cast<UChar32>(c)) == U_TITLECASE_LETTER; }
bool is_alpha(char32_t c) { return c != 0xFFFD && u_isalpha(static_cast<UChar32>(c)); }
int numeric_type(char32_t c) { return u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_NUMERIC_TYPE); }
bool is_decimal(char32_t c) { return numeric_type(c) == U_NT_DECIMAL; }
bool is_digit(char32_t c) { return is_decimal(c) || numeric_type(c) == U_NT_DIGIT; }
bool is_numeric(char32_t c) { return numeric_type(c) != U_NT_NONE; }
bool is_alphanumeric(char32_t c) { return is_alpha(c) || is_numeric(c); }

/// Of texts that have a character with a case: whether each of these is as `fits` says.
template <class Fits> bool cased(const std::string &s, Fits fits) {
    bool any = false;
    for (std::size_t at = 0; at < s.size();) {
        const char32_t c = next(s, at);
        if (!is_upper(c) && !is_lower(c) && !is_title(c))
            continue;
        if (!fits(c))
            return false;
        any = true;
    }
    return any;
}

bool is_titled(const std::string &s) {
    bool any = false, inside = false;
    for (std::size_t at = 0; at < s.size();) {
        const char32_t c = next(s, at);
        const bool begins = is_upper(c) || is_title(c), goes_on = !begins && is_lower(c);
        if ((begins && inside) || (goes_on && !inside))
            return false;
        inside = begins || goes_on;
        any |= inside;
    }
    return any;
}

bool is_name(const std::string &s) {
    for (std::size_t at = 0, from = 0; at < s.size(); from = at)
        if (const char32_t c = next(s, at); !is_letter(c) && !(from > 0 && is_decimal(c)))
            return false;
    return !s.empty();
}

const std::map<std::string_view, bool (*)(char32_t)> of_characters = {
    {"isalpha", is_alpha},     {"isalnum", is_alphanumeric}, {"isdigit", is_digit},
    {"isdecimal", is_decimal}, {"isnumeric", is_numeric},    {"isspace", is_space_character},
};

} // namespace

std::vector<std::string> lines(const std::string &s, bool with_ends) {
    std::vector<std::string> out;
    std::size_t from = 0;
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t end = at;
        const char32_t c = next(s, at);
        if (!ends_line(c))
            continue;
        if (c == '\r' && at < s.size() && s[at] == '\n')
            ++at;
        out.push_back(s.substr(from, (with_ends ? at : end) - from));
        from = at;
    }
    if (from < s.size())
        out.push_back(s.substr(from));
    return out;
}

std::vector<std::string> split_from_right(const std::string &s, const std::string *separator, std::int64_t times) {
    std::vector<std::string> out;
    std::size_t end = s.size();
    if (separator) {
        while (times-- != 0 && end >= separator->size()) {
            const std::size_t found = s.rfind(*separator, end - separator->size());
            if (found == std::string::npos)
                break;
            out.push_back(s.substr(found + separator->size(), end - found - separator->size()));
            end = found;
        }
        out.push_back(s.substr(0, end));
    } else if (times < 0) {
        return split(s, nullptr, -1);
    } else {
        std::string rest = stripped(s, false, true);
        while (!rest.empty() && times-- > 0) {
            std::size_t from = 0; // of the last word
            for (std::size_t at = 0; at < rest.size();)
                if (is_space_character(next(rest, at)))
                    from = at;
            out.push_back(rest.substr(from));
            rest = stripped(rest.substr(0, from), false, true);
        }
        if (!rest.empty())
            out.push_back(rest);
    }
    std::reverse(out.begin(), out.end());
    return out;
}

std::string left_of(const std::string &s, std::size_t width, const std::string &fill) {
    const std::size_t size = length(s);
    return size < width ? s + repeated(fill, width - size) : s;
}
std::string right_of(const std::string &s, std::size_t width, const std::string &fill) {
    const std::size_t size = length(s);
    return size < width ? repeated(fill, width - size) + s : s;
}
std::string centered(const std::string &s, std::size_t width, const std::string &fill) {
    const std::size_t size = length(s);
    if (size >= width)
        return s;
    const std::size_t more = width - size, left = more / 2 + (more & width & 1);
    return repeated(fill, left) + s + repeated(fill, more - left);
}
std::string centered_as_format(const std::string &s, std::size_t width, const std::string &fill) {
    const std::size_t size = length(s), more = size < width ? width - size : 0;
    return repeated(fill, more / 2) + s + repeated(fill, more - more / 2);
}
std::string with_zeros(const std::string &s, std::size_t width) {
    const std::size_t size = length(s), sign = s.starts_with('+') || s.starts_with('-');
    return size < width ? s.substr(0, sign) + std::string(width - size, '0') + s.substr(sign) : s;
}

std::string without_tabs(const std::string &s, std::size_t columns) {
    std::string out;
    std::size_t column = 0;
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t from = at;
        const char32_t c = next(s, at);
        if (c == '\t') {
            const std::size_t more = columns == 0 ? 0 : columns - column % columns;
            out.append(more, ' ');
            column += more;
            continue;
        }
        out.append(s, from, at - from);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
    return out;
}

std::string with_other_case(const std::string &s) {
    std::string out;
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t from = at;
        const char32_t c = next(s, at);
        const std::string one = s.substr(from, at - from);
        out += is_upper(c) ? lower(one) : is_lower(c) ? upper(one) : one;
    }
    return out;
}

std::string folded(const std::string &s) {
    std::string out;
    icu::UnicodeString::fromUTF8(s).foldCase().toUTF8String(out);
    return out;
}

bool is_space_character(char32_t c) {
    return c < 0x80 ? is_space(static_cast<char>(c)) : c != 0xFFFD && u_isUWhiteSpace(static_cast<UChar32>(c));
}
bool is_word_character(char32_t c) { return c == '_' || is_alphanumeric(c); }

bool has_kind(const std::string &s, std::string_view method) {
    if (method == "islower")
        return cased(s, is_lower);
    if (method == "isupper")
        return cased(s, is_upper);
    if (method == "istitle")
        return is_titled(s);
    if (method == "isidentifier")
        return is_name(s);
    if (method == "isascii")
        return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const auto fits = of_characters.at(method);
    for (std::size_t at = 0; at < s.size();)
        if (!fits(next(s, at)))
            return false;
    return !s.empty();
}

} // namespace barometre::python
