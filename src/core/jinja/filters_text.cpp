#include "core/jinja/filters.h"
#include "core/python/methods.h"
#include "core/python/text.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

/// The first so many characters.
std::string beginning(const std::string &s, std::int64_t characters) {
    std::size_t at = 0;
    for (std::int64_t i = 0; i < characters && at < s.size(); ++i)
        python::next(s, at);
    return s.substr(0, at);
}

} // namespace

std::string written(const value &v, meter &m) {
    std::string out = printed(v, m);
    m.steps(out.size() / 8);
    m.bytes(out.size());
    return out;
}

/// Words begin behind white space, hyphens and brackets; str.title() begins one behind each character that is no
/// letter.
value title_filter(const value &v, parameters &, meter &m) {
    const std::string s = written(v, m);
    std::string out, word;
    auto end_word = [&] {
        std::size_t first = 0;
        if (!word.empty())
            python::next(word, first);
        out += python::upper(word.substr(0, first)) + python::lower(word.substr(first));
        word.clear();
    };
    for (std::size_t at = 0; at < s.size();) {
        const std::size_t from = at;
        const char32_t c = python::next(s, at);
        const bool parts = python::is_space_character(c) ||
                           (c < 0x80 && std::string_view("-({[<").find(static_cast<char>(c)) != std::string_view::npos);
        if (parts)
            end_word();
        (parts ? out : word).append(s, from, at - from);
    }
    end_word();
    return out;
}

value center_filter(const value &v, parameters &p, meter &m) {
    const std::int64_t width = std::max<std::int64_t>(p.integer(0, "width", 80), 0);
    const std::string s = written(v, m);
    m.bytes(static_cast<std::uint64_t>(width));
    return python::centered(s, static_cast<std::size_t>(width), " ");
}

value indent_filter(const value &v, parameters &p, meter &m) {
    const value *width = p.get(0, "width");
    const bool first = p.flag(1, "first", false), blank = p.flag(2, "blank", false);
    std::string by = "    ";
    if (width && width->is(value::kind::string)) {
        by = width->text();
    } else if (width) {
        const std::int64_t columns = std::max<std::int64_t>(p.integer(0, "width", 4), 0);
        m.bytes(static_cast<std::uint64_t>(columns));
        by = std::string(static_cast<std::size_t>(columns), ' ');
    }
    const std::string s = written(v, m);
    m.bytes(s.size() * 8);
    const std::vector<std::string> lines = python::lines(s + "\n", false);
    std::string out = first ? by : "";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) {
            m.bytes(by.size() + 1);
            out += '\n';
            if (blank || !lines[i].empty())
                out += by;
        }
        out += lines[i];
    }
    return out;
}

value truncate_filter(const value &v, parameters &p, meter &m) {
    const std::int64_t length = p.integer(0, "length", 255);
    const bool inside_words = p.flag(1, "killwords", false);
    const std::string end = p.text(2, "end", "...");
    const value *given = p.get(3, "leeway");
    const std::int64_t leeway = given && !given->is(value::kind::none) ? p.integer(3, "leeway", 5) : 5;
    const std::int64_t kept = length - static_cast<std::int64_t>(python::length(end));
    if (kept < 0 || leeway < 0)
        throw complaint{"the length of \"truncate\" is less than that of what it puts at the end", ""};
    const std::string s = written(v, m);
    if (static_cast<std::int64_t>(python::length(s)) - leeway <= length)
        return s;
    std::string out = beginning(s, kept);
    if (!inside_words)
        out = out.substr(0, out.rfind(' '));
    return out + end;
}

value wordcount_filter(const value &v, parameters &, meter &m) {
    const std::string s = written(v, m);
    std::int64_t words = 0;
    bool inside = false;
    for (std::size_t at = 0; at < s.size();) {
        const bool is_part = python::is_word_character(python::next(s, at));
        words += is_part && !inside;
        inside = is_part;
    }
    return words;
}

value escape_filter(const value &v, parameters &, meter &m) {
    std::string out;
    for (const char c : written(v, m)) {
        const std::string_view special = "&<>'\"";
        static constexpr const char *names[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
        if (const std::size_t found = special.find(c); found != special.npos) {
            m.bytes(5);
            out += names[found];
        } else {
            out += c;
        }
    }
    return out;
}

} // namespace barometre::jinja
