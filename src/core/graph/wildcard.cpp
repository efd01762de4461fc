#include "core/graph/wildcard.h"
#include "core/interrupts.h"

#include <string_view>

namespace barometre::graph {

namespace {

/// The UTF-8 characters of a text. They compare as their code points do.
std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        std::size_t n = 1;
        while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80)
            ++n;
        out.push_back(text.substr(0, n));
        text.remove_prefix(n);
    }
    return out;
}

/// Whether the part of the pattern at `at` (not a star) takes `c`. Moves `at` behind it.
bool takes(const std::vector<std::string_view> &pattern, std::size_t &at, std::string_view c) {
    const std::size_t open = at++;
    if (pattern[open] == "?")
        return true;
    if (pattern[open] != "[")
        return pattern[open] == c;
    const bool negated = at < pattern.size() && (pattern[at] == "!" || pattern[at] == "^");
    const std::size_t first = at + negated;
    std::size_t close = first + 1; // a "]" that comes first stands for itself
    while (close < pattern.size() && pattern[close] != "]")
        ++close;
    if (close >= pattern.size())
        return c == "["; // never closed: an ordinary character
    at = close + 1;
    bool found = false;
    for (std::size_t i = first; i < close; ++i)
        if (i + 2 < close && pattern[i + 1] == "-") {
            found = found || (pattern[i] <= c && c <= pattern[i + 2]);
            i += 2;
        } else {
            found = found || pattern[i] == c;
        }
    return found != negated;
}

/// Whether a pattern takes all of a text, in a loop that goes back to the last star only: that is enough, and neither
/// recursion nor many stars make it long. `is_star(p)`; `takes(p, t)` moves `p` behind what takes the text's item `t`.
template <class IsStar, class Takes>
bool takes_all(std::size_t pattern, std::size_t text, const IsStar &is_star, const Takes &takes) {
    constexpr std::size_t nowhere = std::string::npos;
    std::size_t p = 0, star = nowhere, taken = 0; // the last star, and up to where it takes the text
    for (std::size_t t = 0; t < text;) {
        check_interrupts();
        if (p < pattern && is_star(p)) {
            star = p++;
            taken = t;
        } else if (p < pattern && takes(p, t)) {
            ++t;
        } else if (star != nowhere) {
            p = star + 1; // the star takes one more
            t = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern && is_star(p))
        ++p;
    return p == pattern;
}

} // namespace

bool has_wildcard(const std::string &text) { return text.find_first_of("*?[") != std::string::npos; }

bool matches(const std::string &wanted, const std::string &name) {
    const auto pattern = characters(wanted), text = characters(name);
    return takes_all(
        pattern.size(), text.size(), [&](std::size_t p) { return pattern[p] == "*"; },
        [&](std::size_t &p, std::size_t t) { return takes(pattern, p, text[t]); });
}

bool parts_match(const std::vector<std::string> &pattern, const std::vector<std::string> &name) {
    return takes_all(
        pattern.size(), name.size(), [&](std::size_t p) { return pattern[p] == "**"; },
        [&](std::size_t &p, std::size_t t) { return matches(pattern[p++], name[t]); });
}

} // namespace barometre::graph
