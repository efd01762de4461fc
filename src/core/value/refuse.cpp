#include "core/value/refuse.h"
#include "core/text/ascii.h"
#include "core/value/format.h"
#include "core/value/parse.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

// Each function repeats the order in which the server's one looks, since the first
// fault gives the SQLSTATE. Bytes above ASCII are neither space, digit nor letter to
// the server: of a database in UTF-8, LC_CTYPE is C or of UTF-8.

namespace barometre::value {

namespace {

constexpr char bad_text[] = "22P02", out_of_range[] = "22003", bad_time[] = "22007", no_such_time[] = "22008";

using text::begins, text::is_digit, text::is_letter, text::is_space, text::lower;

/// Takes off what `text` begins with as long as `belongs` says so.
template <class F> std::string_view take_while(std::string_view &text, F belongs) {
    const auto n = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin());
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(n);
    return taken;
}

const char *unless_blank(std::string_view rest, const char *code) {
    take_while(rest, is_space);
    return rest.empty() ? nullptr : code;
}

bool take_sign(std::string_view &text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    return negative;
}

/// pg_strtoint16, 32, 64
const char *integer(std::string_view text, std::uint64_t most) {
    take_while(text, is_space);
    const bool negative = take_sign(text);
    const std::string_view digits = take_while(text, is_digit);
    if (digits.empty())
        return bad_text;
    std::uint64_t n = 0;
    for (char c : digits) { // the server counts downwards, to -most - 1
        const auto digit = static_cast<unsigned>(c - '0');
        if (n > (most + 1 - digit) / 10)
            return out_of_range;
        n = n * 10 + digit;
    }
    if (const char *refused = unless_blank(text, bad_text))
        return refused;
    return n > most && !negative ? out_of_range : nullptr;
}

/// numeric_in, set_var_from_str, make_result
const char *numeric(std::string_view text) {
    take_while(text, is_space);
    for (std::string_view word : {"nan", "infinity", "+infinity", "-infinity", "inf", "+inf", "-inf"})
        if (begins(text, word))
            return unless_blank(text.substr(word.size()), bad_text);
    take_sign(text);
    const std::string_view whole = take_while(text, is_digit);
    std::string_view decimals;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        decimals = take_while(text, is_digit);
    }
    if (whole.empty() && decimals.empty())
        return bad_text;
    std::int64_t exponent = 0;
    if (begins(text, "e")) {
        text.remove_prefix(1);
        take_while(text, is_space); // strtol allows it
        const bool negative = take_sign(text);
        const std::string_view digits = take_while(text, is_digit);
        if (digits.empty())
            return bad_text;
        for (char c : digits)
            exponent = std::min<std::int64_t>(exponent * 10 + (c - '0'), INT_MAX);
        if (exponent >= INT_MAX / 2)
            return out_of_range;
        exponent = negative ? -exponent : exponent;
    }
    if (const char *refused = unless_blank(text, bad_text))
        return refused;
    // The server's form has room for 16383 decimals, and for 131072 digits before them.
    const auto scale = static_cast<std::int64_t>(decimals.size()) - exponent;
    std::int64_t before = static_cast<std::int64_t>(whole.size()) + exponent;
    const std::size_t zeros = std::min(whole.find_first_not_of('0'), whole.size());
    before -= static_cast<std::int64_t>(zeros);
    if (zeros == whole.size()) {
        const std::size_t more = decimals.find_first_not_of('0');
        before = more == std::string_view::npos ? 0 : before - static_cast<std::int64_t>(more);
    }
    return scale > 16383 || before > 131072 ? out_of_range : nullptr;
}

/// float8in: strtod is the server's too, in the same locale C of LC_NUMERIC.
const char *float8(std::string_view text) {
    take_while(text, is_space);
    if (text.empty())
        return bad_text;
    const std::string terminated(text);
    char *end = nullptr;
    errno = 0;
    const double n = std::strtod(terminated.c_str(), &end);
    if (end == terminated.c_str())
        return bad_text;
    if (errno == ERANGE && (n == 0 || std::isinf(n)))
        return out_of_range;
    return unless_blank(text.substr(static_cast<std::size_t>(end - terminated.c_str())), bad_text);
}

/// `text` without the white space around it.
std::string_view without_spaces(std::string_view text) {
    take_while(text, is_space);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/// boolin, parse_bool_with_len
const char *boolean(std::string_view text) {
    text = without_spaces(text);
    auto shortens = [text](std::string_view word, std::size_t least) {
        return text.size() >= least && text.size() <= word.size() && begins(text, word.substr(0, text.size()));
    };
    for (std::string_view word : {"true", "false", "yes", "no", "1", "0"})
        if (shortens(word, 1))
            return nullptr;
    return shortens("on", 2) || shortens("off", 2) ? nullptr : bad_text;
}

/// string_to_uuid
const char *uuid(std::string_view text) {
    const bool braces = text.starts_with('{');
    text.remove_prefix(braces);
    for (int i = 0; i < 32; ++i) {
        if (i > 0 && i % 4 == 0 && text.starts_with('-'))
            text.remove_prefix(1);
        if (text.empty() || !(is_digit(text[0]) || (lower(text[0]) >= 'a' && lower(text[0]) <= 'f')))
            return bad_text;
        text.remove_prefix(1);
    }
    return text == (braces ? "}" : "") ? nullptr : bad_text;
}

/// A text without digits names a day only by one of six words. All else is bad_time, but
/// a word with a sign in it may be looked up as a time zone if another word stands before.
const char *wordy_time(std::string_view text) {
    bool first = true, sure = true;
    while (!text.empty()) {
        const std::string_view word = take_while(text, is_letter);
        for (std::string_view day : {"now", "today", "tomorrow", "yesterday", "epoch", "infinity"})
            if (text::is_word(word, day))
                return nullptr;
        const std::string_view signs = take_while(text, [](char c) { return !is_letter(c); });
        if (word.empty())
            continue;
        if (first && (signs.starts_with('-') || signs.starts_with('/') || signs.starts_with('.')))
            return bad_time; // a date whose first part is no number: N/A
        first = false;
        sure = sure && signs.find_first_of("+-/.") == std::string_view::npos;
    }
    return sure ? bad_time : nullptr;
}

/// Three numbers with twice the same sign between them, then nothing or an ordinary time.
const char *impossible_day(std::string_view text) {
    std::string_view part[3];
    unsigned n[3] = {};
    char sign = 0;
    for (int i = 0; i < 3; ++i) {
        if (i > 0) {
            const char here = text.empty() ? 'x' : text[0];
            if ((here != '-' && here != '/' && here != '.') || (i == 2 && here != sign))
                return nullptr;
            sign = here;
            text.remove_prefix(1);
        }
        part[i] = take_while(text, is_digit);
        if (part[i].empty() || part[i].size() > 4)
            return nullptr;
        for (char c : part[i])
            n[i] = n[i] * 10 + static_cast<unsigned>(c - '0');
    }
    if (part[1].size() > 2)
        return nullptr;
    bool impossible = false;
    if (part[0].size() == 4 && part[2].size() <= 2)
        impossible = !day_number(n[0], n[1], n[2]);
    else if (part[0].size() <= 2 && part[2].size() == 4) // DMY, MDY, and YMD with the year as day
        impossible = !day_number(n[2], n[1], n[0]) && !day_number(n[2], n[0], n[1]) && n[2] > 31;
    const std::string possible = "2000-01-01" + std::string(text);
    return impossible && (parse_timestamp(possible) || parse_timestamptz(possible)) ? no_such_time : nullptr;
}

/// ParseDateTime, DecodeDateTime
const char *time(std::string_view text) {
    text = without_spaces(text);
    const auto foreign = [](char c) { return static_cast<unsigned char>(c) > '~' || (c < ' ' && !is_space(c)); };
    if (std::any_of(text.begin(), text.end(), foreign))
        return bad_time;
    return std::any_of(text.begin(), text.end(), is_digit) ? impossible_day(text) : wordy_time(text);
}

} // namespace

const char *surely_refused(kind type, std::string_view text) {
    switch (type) {
    case kind::smallint:
        return integer(text, INT16_MAX);
    case kind::integer:
        return integer(text, INT32_MAX);
    case kind::bigint:
        return integer(text, INT64_MAX);
    case kind::numeric:
        return numeric(text);
    case kind::float8:
        return float8(text);
    case kind::boolean:
        return boolean(text);
    case kind::uuid:
        return uuid(text);
    case kind::date:
    case kind::timestamp:
    case kind::timestamptz:
        return time(text);
    case kind::float4:
    case kind::time:
    case kind::timetz: // rare: the server says so
        break;
    }
    return nullptr;
}

} // namespace barometre::value
