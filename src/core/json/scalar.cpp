#include "core/json/scalar.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <charconv>

namespace barometre::json {

using text::is_digit;

namespace {

/// How many digits there are from `at` on.
std::size_t digits(std::string_view token, std::size_t at) {
    std::size_t n = 0;
    while (at + n < token.size() && is_digit(token[at + n]))
        ++n;
    return n;
}

/// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?
std::optional<record::found_type> number_of(std::string_view token) {
    std::size_t at = token[0] == '-';
    const std::size_t whole = digits(token, at);
    if (whole == 0 || (token[at] == '0' && whole > 1))
        return std::nullopt;
    at += whole;
    if (at == token.size() && whole <= 18)
        return record::found_type::bigint;
    std::size_t decimals = 0;
    if (at < token.size() && token[at] == '.') {
        decimals = digits(token, at + 1);
        if (decimals == 0)
            return std::nullopt;
        at += 1 + decimals;
    }
    long long exponent = 0;
    if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
        ++at;
        const bool is_negative = at < token.size() && token[at] == '-';
        at += at < token.size() && (token[at] == '-' || token[at] == '+');
        const std::size_t size = digits(token, at);
        if (size == 0)
            return std::nullopt;
        constexpr long long enough = 1'000'000'000; // more could not be added to
        if (std::from_chars(token.data() + at, token.data() + at + size, exponent).ec != std::errc())
            exponent = enough;
        exponent = std::min(exponent, enough);
        exponent = is_negative ? -exponent : exponent;
        at += size;
    }
    if (at != token.size())
        return std::nullopt;
    const bool has_room = static_cast<long long>(whole) + exponent <= static_cast<long long>(record::most_digits) &&
                          static_cast<long long>(decimals) - exponent <= static_cast<long long>(record::most_decimals);
    return has_room ? record::found_type::numeric : record::found_type::text;
}

/// The four digits of \uXXXX; nothing: they are none.
std::optional<unsigned> code_unit(std::string_view raw, std::size_t at) {
    unsigned unit = 0;
    if (raw.size() < at + 6 ||
        std::from_chars(raw.data() + at + 2, raw.data() + at + 6, unit, 16).ptr != raw.data() + at + 6)
        return std::nullopt;
    return unit;
}

} // namespace

std::optional<record::found_type> kind_of(std::string_view token) {
    if (token == "null")
        return record::found_type::none;
    if (token == "true" || token == "false")
        return record::found_type::boolean;
    return token.empty() ? std::nullopt : number_of(token);
}

std::string describe_token(std::string_view token) {
    if (token.empty())
        return "a value is missing";
    return text::quoted(text::legible(text::shortened(token, 40))) + " is no JSON value";
}

std::string describe_escapes(std::string_view raw) {
    for (std::size_t at = raw.find('\\'); at < raw.size(); at = raw.find('\\', at)) {
        const char c = at + 1 < raw.size() ? raw[at + 1] : '\0';
        if (c != 'u') {
            if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos)
                return "\\" + std::string(1, text::is_control(c) ? '?' : c) + " is no escape of JSON";
            at += 2;
            continue;
        }
        const auto unit = code_unit(raw, at);
        const std::string shown(raw.substr(at, 6));
        if (!unit)
            return text::legible(shown) + " is no escape of JSON";
        if (*unit == 0)
            return "\\u0000, which PostgreSQL can't store in text";
        const bool is_high = *unit >= 0xD800 && *unit < 0xDC00, is_low = *unit >= 0xDC00 && *unit < 0xE000;
        at += 6;
        if (is_high && raw.substr(std::min(at, raw.size())).starts_with("\\u")) {
            if (const auto second = code_unit(raw, at); second && *second >= 0xDC00 && *second < 0xE000) {
                at += 6;
                continue;
            }
        }
        if (is_high || is_low)
            return shown + ", one half of a character (an unpaired surrogate)";
    }
    return "a text that can't be read";
}

} // namespace barometre::json
