#include "core/jinja/operators.h"
#include "core/python/methods.h"
#include "core/python/text.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

/// Texts are copied, character by character at worst.
void pay(const std::string &s, meter &m) {
    m.steps(s.size() / 8);
    m.bytes(s.size());
}

std::string joined(const std::string &between, const value &with, meter &m) {
    std::string out;
    bool first = true;
    for (const value &one : items_of(with, m)) {
        if (!first)
            out += between;
        first = false;
        if (!one.is(value_kind::string) && !one.is(value_kind::relation))
            throw complaint{std::string("\"join\" of a text takes texts, not ") + one.type_name(),
                            "The filter join takes anything."};
        out += printed(one, m);
        if (out.size() > (std::size_t{1} << 20))
            m.bytes(between.size());
    }
    m.bytes(out.size());
    return out;
}

/// The part of a text that find(), count() and their like look at: from start to end, in characters.
struct part_of_text {
    std::string text;
    std::int64_t before = 0; ///< characters
    bool is_there = true;    ///< false: it would begin behind the end
};

part_of_text part_of(const value &v, parameters &p, std::size_t place, meter &m) {
    pay(v.text(), m);
    const value *start = p.get(place, "start"), *end = p.get(place + 1, "end");
    part_of_text out{v.text()};
    const bool from_start = !start || start->is(value_kind::none), to_end = !end || end->is(value_kind::none);
    if (from_start && to_end)
        return out;
    const std::int64_t size = static_cast<std::int64_t>(python::length(v.text()));
    auto bound = [&](std::size_t which, std::int64_t otherwise, bool is_default) {
        const std::int64_t at = is_default ? otherwise : p.integer(which, which == place ? "start" : "end", otherwise);
        return at >= 0 ? at : at < -size ? 0 : at + size;
    };
    const std::int64_t from = bound(place, 0, from_start), to = std::min(bound(place + 1, size, to_end), size);
    out.is_there = from <= to;
    out.before = from;
    std::size_t begin = 0;
    for (std::int64_t i = 0; i < from && begin < v.text().size(); ++i)
        python::next(v.text(), begin);
    std::size_t stop = begin;
    for (std::int64_t i = from; i < to; ++i)
        python::next(v.text(), stop);
    out.text = v.text().substr(begin, stop - begin);
    return out;
}

bool begins_or_ends(const value &v, parameters &p, bool begins, meter &m) {
    const value &with = defined(p.required(0, "prefix"));
    const part_of_text part = part_of(v, p, 1, m);
    auto matches = [&](const value &one) {
        if (!one.is(value_kind::string))
            throw complaint{"\"" + p.function() + "\" takes a text, not " + one.type_name(), ""};
        m.steps(one.text().size() / 64);
        return part.is_there && (begins ? part.text.starts_with(one.text()) : part.text.ends_with(one.text()));
    };
    return with.is(value_kind::tuple) ? std::any_of(with.items().begin(), with.items().end(), matches) : matches(with);
}

value strip(const value &v, parameters &p, meter &m, bool left, bool right) {
    pay(v.text(), m);
    const value *set = p.get(0, "chars");
    if (!set || set->is(value_kind::none))
        return python::stripped(v.text(), left, right);
    const std::string given = p.text(0, "chars");
    m.steps(v.text().size() * (given.size() + 1) / 8);
    return python::stripped(v.text(), left, right, &given);
}

value replace(const value &v, parameters &p, meter &m) {
    const std::string from = p.text(0, "old"), to = p.text(1, "new");
    const std::int64_t times = p.integer(2, "count", -1);
    pay(v.text(), m);
    m.steps(python::search_cost(v.text(), from));
    if (from.empty() || to.size() > from.size())
        m.bytes((v.text().size() / std::max<std::size_t>(from.size(), 1) + 1) * to.size());
    return python::replaced(v.text(), from, to, times);
}

std::size_t occurrences(const std::string &s, const std::string &what, meter &m) {
    m.steps(python::search_cost(s, what));
    std::size_t n = 0;
    for (std::size_t at = 0; (at = s.find(what, at)) != std::string::npos; at += what.size())
        ++n;
    return n;
}

value split(const value &v, parameters &p, bool from_right, meter &m) {
    const value *given = p.get(0, "sep");
    const std::int64_t times = p.integer(1, "maxsplit", -1);
    pay(v.text(), m);
    list out;
    std::string separator;
    if (given && !given->is(value_kind::none)) {
        separator = p.text(0, "sep");
        if (separator.empty())
            throw complaint{"the separator of \"" + p.function() + "\" is empty", ""};
    }
    m.bytes(128 * (separator.empty() ? v.text().size() / 2 + 1 : occurrences(v.text(), separator, m)));
    const std::string *by = separator.empty() ? nullptr : &separator;
    if (from_right && !by && times >= 0) // each word is looked for through all of the rest
        m.steps(v.text().size() / 8 * static_cast<std::uint64_t>(std::min<std::int64_t>(times, 1 << 20)));
    for (std::string &part :
         from_right ? python::split_from_right(v.text(), by, times) : python::split(v.text(), by, times))
        out.emplace_back(std::move(part));
    return out;
}

template <std::string (*change)(const std::string &)> value changed(const value &v, parameters &, meter &m) {
    pay(v.text(), m);
    return change(v.text());
}

value found_in(const value &v, parameters &p, bool last, bool must, meter &m) {
    const std::string what = p.text(0, "sub");
    const part_of_text part = part_of(v, p, 1, m);
    m.steps(python::search_cost(part.text, what));
    const std::size_t at = !part.is_there ? std::string::npos : last ? part.text.rfind(what) : part.text.find(what);
    if (at == std::string::npos && must)
        throw complaint{"the text has no such part", "find() gives -1 then."};
    return at == std::string::npos
               ? std::int64_t{-1}
               : part.before + static_cast<std::int64_t>(python::length(std::string_view(part.text).substr(0, at)));
}

value parted(const value &v, parameters &p, bool last, meter &m) {
    const std::string by = p.text(0, "sep"), &s = v.text();
    pay(s, m);
    m.steps(python::search_cost(s, by));
    if (by.empty())
        throw complaint{"the separator of \"" + p.function() + "\" is empty", ""};
    const std::size_t at = last ? s.rfind(by) : s.find(by);
    if (at == std::string::npos)
        return last ? value::tuple({"", "", s}) : value::tuple({s, "", ""});
    return value::tuple({s.substr(0, at), by, s.substr(at + by.size())});
}

template <std::string (*wide)(const std::string &, std::size_t, const std::string &)>
value justified(const value &v, parameters &p, meter &m) {
    p.required(0, "width");
    const std::int64_t width = std::max<std::int64_t>(p.integer(0, "width", 0), 0);
    const std::string fill = p.text(1, "fillchar", " ");
    if (python::length(fill) != 1)
        throw complaint{"\"" + p.function() + "\" fills with one character", ""};
    pay(v.text(), m);
    m.bytes(static_cast<std::uint64_t>(std::min<std::int64_t>(width, INT64_MAX / 8)) * fill.size());
    return wide(v.text(), static_cast<std::size_t>(width), fill);
}

value of_kind(const value &v, parameters &p, meter &m) {
    pay(v.text(), m);
    return python::has_kind(v.text(), p.function());
}

const std::map<std::string, method_of> of_texts = {
    {"upper", changed<python::upper>},
    {"lower", changed<python::lower>},
    {"title", changed<python::title>},
    {"capitalize", changed<python::capitalized>},
    {"strip", [](const value &v, parameters &p, meter &m) { return strip(v, p, m, true, true); }},
    {"lstrip", [](const value &v, parameters &p, meter &m) { return strip(v, p, m, true, false); }},
    {"rstrip", [](const value &v, parameters &p, meter &m) { return strip(v, p, m, false, true); }},
    {"split", [](const value &v, parameters &p, meter &m) { return split(v, p, false, m); }},
    {"rsplit", [](const value &v, parameters &p, meter &m) { return split(v, p, true, m); }},
    {"replace", replace},
    {"startswith", [](const value &v, parameters &p, meter &m) { return value(begins_or_ends(v, p, true, m)); }},
    {"endswith", [](const value &v, parameters &p, meter &m) { return value(begins_or_ends(v, p, false, m)); }},
    {"join",
     [](const value &v, parameters &p, meter &m) { return value(joined(v.text(), p.required(0, "iterable"), m)); }},
    {"find", [](const value &v, parameters &p, meter &m) { return found_in(v, p, false, false, m); }},
    {"rfind", [](const value &v, parameters &p, meter &m) { return found_in(v, p, true, false, m); }},
    {"index", [](const value &v, parameters &p, meter &m) { return found_in(v, p, false, true, m); }},
    {"rindex", [](const value &v, parameters &p, meter &m) { return found_in(v, p, true, true, m); }},
    {"count",
     [](const value &v, parameters &p, meter &m) {
         const std::string what = p.text(0, "sub");
         const part_of_text part = part_of(v, p, 1, m);
         if (!part.is_there)
             return value(0);
         return value(
             static_cast<std::int64_t>(what.empty() ? python::length(part.text) + 1 : occurrences(part.text, what, m)));
     }},
    {"partition", [](const value &v, parameters &p, meter &m) { return parted(v, p, false, m); }},
    {"rpartition", [](const value &v, parameters &p, meter &m) { return parted(v, p, true, m); }},
    {"splitlines",
     [](const value &v, parameters &p, meter &m) {
         const bool with_ends = p.flag(0, "keepends", false);
         pay(v.text(), m);
         m.bytes(v.text().size() * 64);
         list out;
         for (std::string &line : python::lines(v.text(), with_ends))
             out.emplace_back(std::move(line));
         return value(std::move(out));
     }},
    {"ljust", justified<python::left_of>},
    {"rjust", justified<python::right_of>},
    {"center", justified<python::centered>},
    {"zfill",
     [](const value &v, parameters &p, meter &m) {
         p.required(0, "width");
         const std::int64_t width = std::max<std::int64_t>(p.integer(0, "width", 0), 0);
         pay(v.text(), m);
         m.bytes(static_cast<std::uint64_t>(width));
         return value(python::with_zeros(v.text(), static_cast<std::size_t>(width)));
     }},
    {"expandtabs",
     [](const value &v, parameters &p, meter &m) {
         const std::int64_t columns = std::clamp<std::int64_t>(p.integer(0, "tabsize", 8), 0, 1 << 20);
         const auto tabs = static_cast<std::uint64_t>(std::count(v.text().begin(), v.text().end(), '\t'));
         pay(v.text(), m);
         m.bytes(tabs * static_cast<std::uint64_t>(columns));
         return value(python::without_tabs(v.text(), static_cast<std::size_t>(columns)));
     }},
    {"swapcase", changed<python::with_other_case>},
    {"casefold", changed<python::folded>},
    {"removeprefix",
     [](const value &v, parameters &p, meter &m) {
         const std::string away = p.text(0, "prefix");
         pay(v.text(), m);
         return value(v.text().starts_with(away) ? v.text().substr(away.size()) : v.text());
     }},
    {"removesuffix",
     [](const value &v, parameters &p, meter &m) {
         const std::string away = p.text(0, "suffix");
         pay(v.text(), m);
         return value(v.text().ends_with(away) ? v.text().substr(0, v.text().size() - away.size()) : v.text());
     }},
    {"isalpha", of_kind},
    {"isalnum", of_kind},
    {"isdigit", of_kind},
    {"isdecimal", of_kind},
    {"isnumeric", of_kind},
    {"isspace", of_kind},
    {"islower", of_kind},
    {"isupper", of_kind},
    {"istitle", of_kind},
    {"isascii", of_kind},
    {"isidentifier", of_kind},
};

} // namespace

const std::map<std::string, method_of> &methods_of_texts() { return of_texts; }

} // namespace barometre::jinja
