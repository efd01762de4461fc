#include "core/value/format.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "core/value/parse.h"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace barometre::value {

namespace {

using text::begins, text::is_digit, text::is_letter;

constexpr std::string_view spaces[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", "\t", "\n", "\r", "\v", "\f"};
constexpr auto between_groups = std::span(spaces).first<4>();

/// Takes one space off an end of `text`, if there is one.
bool drop_space(std::string_view &text, bool at_end, std::span<const std::string_view> which = spaces) {
    const char c = text.empty() ? 'x' : at_end ? text.back() : text.front();
    if (c > ' ' && c <= '~')
        return false;
    for (std::string_view space : which)
        if (at_end ? text.ends_with(space) : text.starts_with(space)) {
            text = at_end ? text.substr(0, text.size() - space.size()) : text.substr(space.size());
            return true;
        }
    return false;
}

std::string_view trimmed(std::string_view text, bool before = true, bool after = true) {
    while (before && drop_space(text, false)) {
    }
    while (after && drop_space(text, true)) {
    }
    return text;
}

enum part { year, month, mday, hour, minute, second, decimals, literal };
constexpr const char *called[] = {"year (YYYY or YY)", "month (MM)",  "day (DD)",           "hour (HH24)",
                                  "minute (MI)",       "second (SS)", "decimals (MS or US)"};

struct known_pattern {
    std::string_view name;
    part of;
    unsigned least, most;
};
constexpr known_pattern known[] = {
    {"YYYY", year, 4, 4}, {"YY", year, 2, 2},   {"MM", month, 1, 2},  {"DD", mday, 1, 2},     {"HH24", hour, 1, 2},
    {"HH", hour, 1, 2},   {"MI", minute, 1, 2}, {"SS", second, 1, 2}, {"MS", decimals, 1, 3}, {"US", decimals, 1, 6}};

/// The pattern that `text` begins with. (HH12 is none, and no HH either.)
const known_pattern *pattern_before(std::string_view text) {
    for (const known_pattern &k : known)
        if (begins(text, k.name) && !(k.name == "HH" && text.size() > 2 && is_digit(text[2])))
            return &k;
    return nullptr;
}

} // namespace

time_format::time_format(const std::string &pattern) {
    auto stands_for_itself = [this](std::string_view text) {
        if (text.empty())
            return;
        if (pieces.empty() || pieces.back().part != literal)
            pieces.push_back({literal, 0, 0, {}});
        pieces.back().text += text;
    };
    unsigned seen = 0;
    for (std::string_view rest = pattern; !rest.empty();) {
        std::size_t size = 1;
        if (rest[0] == '"') {
            const std::size_t end = rest.find('"', 1);
            if (end == std::string_view::npos)
                throw std::invalid_argument("a double quote is not closed");
            stands_for_itself(rest.substr(1, end - 1));
            size = end + 1;
        } else if (const known_pattern *k = pattern_before(rest)) {
            if (seen >> k->of & 1)
                throw std::invalid_argument(std::string("the ") + called[k->of] + " stands twice");
            if (k->of == decimals &&
                (pieces.empty() || pieces.back().part != literal || is_digit(pieces.back().text.back())))
                throw std::invalid_argument("no separator stands before " + std::string(k->name));
            seen |= 1u << k->of;
            pieces.push_back({k->of, k->least, k->most, {}});
            size = k->name.size();
        } else if (is_letter(rest[0]) && rest[0] != 'T') {
            while (size < rest.size() && (is_letter(rest[size]) || is_digit(rest[size])))
                ++size;
            std::string names;
            for (const known_pattern &k : known)
                text::append(names, std::string(k.name));
            throw std::invalid_argument("\"" + std::string(rest.substr(0, size)) + "\" is no pattern (known are " +
                                        names + ")");
        } else {
            stands_for_itself(rest.substr(0, 1));
        }
        rest.remove_prefix(size);
    }
    for (int p = year; p == year || seen >> p; ++p)
        if (!(seen >> p & 1))
            throw std::invalid_argument(std::string("the ") + called[p] + " is missing");
    timed = seen >> hour & 1;

    // Where digits meet, only a fixed number of them has one reading.
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        piece &left = pieces[i], &right = pieces[i + 1];
        if ((left.part != literal || is_digit(left.text.back())) &&
            (right.part != literal || is_digit(right.text[0]))) {
            left.least = left.most;
            right.least = right.most;
        }
    }
    // parse() drops the spaces around the text, so the pattern has none either.
    pieces.front().text = std::string(trimmed(pieces.front().text, true, false));
    pieces.back().text = std::string(trimmed(pieces.back().text, false, true));
}

time_format::layout time_format::full_layout() const {
    layout out;
    std::vector<std::pair<int, layout::place>> found;
    for (const piece &p : pieces) {
        unsigned size = p.most;
        if (p.part == literal)
            size = static_cast<unsigned>(
                std::count_if(p.text.begin(), p.text.end(), [](char c) { return (c & 0xC0) != 0x80; })); // of UTF-8
        else
            found.push_back({p.part, {out.length, size}});
        out.length += size;
    }
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    for (const auto &[part, place] : found)
        out.places.push_back(place);
    return out;
}

std::optional<std::int64_t> time_format::parse(std::string_view text, bool only_day) const {
    text = trimmed(text);
    unsigned value[] = {0, 1, 1, 0, 0, 0, 0};
    for (const piece &p : pieces) {
        if (p.part == literal) {
            if (!text.starts_with(p.text))
                return std::nullopt;
            text.remove_prefix(p.text.size());
            continue;
        }
        unsigned n = 0, digits = 0;
        for (; digits < p.most && digits < text.size() && is_digit(text[digits]); ++digits)
            n = n * 10 + static_cast<unsigned>(text[digits] - '0');
        if (digits < p.least)
            return std::nullopt;
        text.remove_prefix(digits);
        if (p.part == year && p.most == 2)
            n += n < 70 ? 2000 : 1900;
        for (; p.part == decimals && digits < 6; ++digits)
            n *= 10;
        value[p.part] = n;
    }
    const auto days = day_number(value[year], value[month], value[mday]);
    const bool ends_day = value[hour] == 24 && value[minute] == 0 && value[second] == 0 && value[decimals] == 0;
    if (!days || !text.empty() || (value[hour] > 23 && !ends_day) || value[minute] > 59 || value[second] > 60)
        return std::nullopt;
    if (only_day)
        return *days * std::int64_t{86'400'000'000};
    const std::int64_t seconds = *days * std::int64_t{86'400} + (value[hour] * 60 + value[minute]) * 60 + value[second];
    return seconds * 1'000'000 + value[decimals];
}

bool plain_number(std::string_view text, char decimal, std::string &to) {
    to.clear();
    text = trimmed(text);
    constexpr std::string_view minus = "\xE2\x88\x92";
    if (text.starts_with('-') || text.starts_with(minus)) {
        to += '-';
        text.remove_prefix(text[0] == '-' ? 1 : minus.size());
    } else if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    auto take_digits = [&] {
        const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
        const auto n = static_cast<std::size_t>(end - text.begin());
        to.append(text, 0, n);
        text.remove_prefix(n);
        return n;
    };
    const std::size_t first = take_digits();
    bool good = true;
    while (drop_space(text, false, between_groups))
        good = good && first >= 1 && first <= 3 && take_digits() == 3;
    if (text.starts_with(decimal)) {
        text.remove_prefix(1);
        to += first == 0 ? "0." : ".";
        good = good && take_digits() > 0;
    } else {
        good = good && first > 0;
    }
    if (good && text.empty())
        return true;
    to.clear();
    return false;
}

std::optional<bool> french_boolean(std::string_view text) {
    text = trimmed(text);
    auto is = [text](std::string_view word) { return text::is_word(text, word); };
    if (is("OUI") || is("VRAI"))
        return true;
    if (is("NON") || is("FAUX"))
        return false;
    return std::nullopt;
}

std::optional<std::int32_t> day_number(unsigned year, unsigned month, unsigned mday) {
    if (year > 9999 || month > 99 || mday > 99)
        return std::nullopt;
    auto digit = [](unsigned n) { return static_cast<char>('0' + n % 10); };
    const char iso[] = {
        digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-', digit(month / 10), digit(month), '-',
        digit(mday / 10),   digit(mday)};
    return parse_date({iso, sizeof iso});
}

} // namespace barometre::value
