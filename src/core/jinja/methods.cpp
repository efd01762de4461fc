#include "core/jinja/operators.h"
#include "core/name/nearest.h"
#include "core/python/text.h"

#include <algorithm>
#include <map>
#include <set>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;
using method_of = value (*)(const value &, parameters &, meter &);

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

/// {} and {0} and {name}, without formats.
std::string braces(const std::string &form, const parameters &p, meter &m) {
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const char c = form[i];
        if ((c == '{' || c == '}') && i + 1 < form.size() && form[i + 1] == c) {
            out += form[i++];
        } else if (c == '{') {
            const std::size_t end = form.find('}', i);
            if (end == std::string::npos)
                throw complaint{"\"{\" is never closed in the text of \"format\"",
                                "Write \"{{\" for the character itself."};
            const std::string name = form.substr(i + 1, end - i - 1);
            i = end;
            const value *given = nullptr;
            if (name.find_first_not_of("0123456789") == std::string::npos && name.size() < 4) {
                const std::size_t place = name.empty() ? next++ : static_cast<std::size_t>(std::stoi(name));
                given = place < p.positional().size() ? &p.positional()[place] : nullptr;
            } else {
                for (const auto &[keyword, one] : p.named())
                    given = keyword == name ? &one : given;
            }
            if (!given)
                throw complaint{"\"format\" has no argument for \"{" + name + "}\"",
                                "Formats behind \":\" are not supported; \"%\" knows some."};
            out += printed(*given, m);
            m.bytes(out.size() / 64);
        } else if (c == '}') {
            throw complaint{"\"}\" closes nothing in the text of \"format\"", "Write \"}}\" for the character itself."};
        } else {
            out += c;
        }
    }
    return out;
}

bool begins_or_ends(const value &v, parameters &p, bool begins, meter &m) {
    const value &with = defined(p.required(0, "prefix"));
    auto matches = [&](const value &one) {
        if (!one.is(value_kind::string))
            throw complaint{"\"" + p.function() + "\" takes a text, not " + one.type_name(), ""};
        m.steps(one.text().size() / 64);
        return begins ? v.text().starts_with(one.text()) : v.text().ends_with(one.text());
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

value split(const value &v, parameters &p, meter &m) {
    const value *given = p.get(0, "sep");
    const std::int64_t times = p.integer(1, "maxsplit", -1);
    pay(v.text(), m);
    list out;
    std::string separator;
    if (given && !given->is(value_kind::none)) {
        separator = p.text(0, "sep");
        if (separator.empty())
            throw complaint{"the separator of \"split\" is empty", ""};
    }
    m.bytes(128 * (separator.empty() ? v.text().size() / 2 + 1 : occurrences(v.text(), separator, m)));
    for (std::string &part : python::split(v.text(), separator.empty() ? nullptr : &separator, times))
        out.emplace_back(std::move(part));
    return out;
}

template <std::string (*change)(const std::string &)> value changed(const value &v, parameters &, meter &m) {
    pay(v.text(), m);
    return change(v.text());
}

const std::map<std::string, method_of> of_texts = {
    {"upper", changed<python::upper>},
    {"lower", changed<python::lower>},
    {"title", changed<python::title>},
    {"capitalize", changed<python::capitalized>},
    {"strip", [](const value &v, parameters &p, meter &m) { return strip(v, p, m, true, true); }},
    {"lstrip", [](const value &v, parameters &p, meter &m) { return strip(v, p, m, true, false); }},
    {"rstrip", [](const value &v, parameters &p, meter &m) { return strip(v, p, m, false, true); }},
    {"split", split},
    {"replace", replace},
    {"startswith", [](const value &v, parameters &p, meter &m) { return value(begins_or_ends(v, p, true, m)); }},
    {"endswith", [](const value &v, parameters &p, meter &m) { return value(begins_or_ends(v, p, false, m)); }},
    {"join",
     [](const value &v, parameters &p, meter &m) { return value(joined(v.text(), p.required(0, "iterable"), m)); }},
    {"find",
     [](const value &v, parameters &p, meter &m) {
         const std::string what = p.text(0, "sub");
         pay(v.text(), m);
         m.steps(python::search_cost(v.text(), what));
         const std::size_t at = v.text().find(what);
         return value(at == std::string::npos ? std::int64_t{-1}
                                              : static_cast<std::int64_t>(python::length(v.text().substr(0, at))));
     }},
    {"count",
     [](const value &v, parameters &p, meter &m) {
         const std::string what = p.text(0, "sub");
         pay(v.text(), m);
         return value(
             static_cast<std::int64_t>(what.empty() ? python::length(v.text()) + 1 : occurrences(v.text(), what, m)));
     }},
    {"isdigit",
     [](const value &v, parameters &, meter &m) {
         pay(v.text(), m);
         return value(!v.text().empty() && v.text().find_first_not_of("0123456789") == std::string::npos);
     }},
};

value give(const value &holder, const value &held, meter &m) {
    m.bytes(sizeof(value));
    m.changed(holder, held);
    holder.items().push_back(held);
    return {};
}

const std::map<std::string, method_of> of_lists = {
    {"append", [](const value &v, parameters &p, meter &m) { return give(v, p.required(0, "item"), m); }},
    {"extend",
     [](const value &v, parameters &p, meter &m) {
         for (const value &one : items_of(p.required(0, "items"), m))
             give(v, one, m);
         return value();
     }},
    {"insert",
     [](const value &v, parameters &p, meter &m) {
         const std::int64_t size = static_cast<std::int64_t>(v.items().size());
         p.required(0, "index");
         std::int64_t at = p.integer(0, "index", 0);
         at = std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
         const value held = p.required(1, "item");
         m.steps(v.items().size() / 8);
         give(v, held, m);
         std::rotate(v.items().begin() + at, v.items().end() - 1, v.items().end());
         return value();
     }},
    {"pop",
     [](const value &v, parameters &p, meter &m) {
         const std::int64_t size = static_cast<std::int64_t>(v.items().size());
         std::int64_t at = p.integer(0, "index", -1);
         at = at < 0 ? at + size : at;
         if (at < 0 || at >= size)
             throw complaint{
                 size == 0 ? "there is nothing in the list to be popped" : "the list has no item at that index", ""};
         m.steps(v.items().size() / 8);
         const value out = v.items()[static_cast<std::size_t>(at)];
         v.items().erase(v.items().begin() + at);
         return out;
     }},
    {"remove",
     [](const value &v, parameters &p, meter &m) {
         const value &what = p.required(0, "item");
         for (auto one = v.items().begin(); one != v.items().end(); ++one)
             if (equal(*one, what, m)) {
                 m.steps(v.items().size() / 8);
                 v.items().erase(one);
                 return value();
             }
         throw complaint{"the list has no such item to be removed", ""};
     }},
    {"reverse",
     [](const value &v, parameters &, meter &m) {
         m.steps(v.items().size());
         std::reverse(v.items().begin(), v.items().end());
         return value();
     }},
};

const std::map<std::string, method_of> of_sequences = {
    {"index",
     [](const value &v, parameters &p, meter &m) {
         const value &what = p.required(0, "item");
         for (std::size_t i = 0; i < v.items().size(); ++i)
             if (equal(v.items()[i], what, m))
                 return value(static_cast<std::int64_t>(i));
         throw complaint{"the list has no such item", "Test with \"in\" first."};
     }},
    {"count",
     [](const value &v, parameters &p, meter &m) {
         const value &what = p.required(0, "item");
         return value(static_cast<std::int64_t>(
             std::count_if(v.items().begin(), v.items().end(), [&](const value &one) { return equal(one, what, m); })));
     }},
    {"copy",
     [](const value &v, parameters &, meter &m) {
         m.bytes(v.items().size() * sizeof(value));
         return value(list(v.items()));
     }},
};

void put(const value &holder, const value &key, const value &held, meter &m) {
    m.bytes(4 * sizeof(value));
    m.changed(holder, held);
    holder.entries().set(defined(key), held);
}

const std::map<std::string, method_of> of_dicts = {
    {"items",
     [](const value &v, parameters &, meter &m) {
         list out;
         m.bytes(v.entries().entries().size() * 4 * sizeof(value));
         for (const auto &[key, one] : v.entries().entries())
             out.push_back(value::tuple({key, one}));
         return value(std::move(out));
     }},
    {"keys", [](const value &v, parameters &, meter &m) { return value(items_of(v, m)); }},
    {"values",
     [](const value &v, parameters &, meter &m) {
         list out;
         m.bytes(v.entries().entries().size() * sizeof(value));
         for (const auto &entry : v.entries().entries())
             out.push_back(entry.second);
         return value(std::move(out));
     }},
    {"get",
     [](const value &v, parameters &p, meter &) {
         const value *otherwise = p.get(1, "default");
         const value *found = v.entries().find(defined(p.required(0, "key")));
         return found ? *found : otherwise ? *otherwise : value();
     }},
    {"setdefault",
     [](const value &v, parameters &p, meter &m) {
         const value *otherwise = p.get(1, "default");
         const value &key = p.required(0, "key");
         if (!v.entries().find(defined(key)))
             put(v, key, otherwise ? *otherwise : value(), m);
         return *v.entries().find(key);
     }},
    {"update",
     [](const value &v, parameters &p, meter &m) {
         if (const value *with = p.positional().empty() ? nullptr : p.get(0, "with")) {
             if (!defined(*with).is(value_kind::dict))
                 throw complaint{std::string("\"update\" takes a dict, not ") + with->type_name(), ""};
             const auto entries = with->entries().entries(); // a copy: it may be the same dict
             for (const auto &[key, one] : entries)
                 put(v, key, one, m);
         }
         for (const auto &[keyword, one] : p.named()) {
             p.get(0, keyword.c_str());
             put(v, keyword, one, m);
         }
         return value();
     }},
    {"copy",
     [](const value &v, parameters &, meter &m) {
         m.bytes(v.entries().entries().size() * 4 * sizeof(value));
         dict out = v.entries();
         return value(std::move(out));
     }},
};

const std::set<std::string> of_relations = {"include", "quote", "render", "without_identifier"};

const std::map<std::string, method_of> *methods_of(const value &of, const std::string &name) {
    if (of.is(value_kind::string))
        return &of_texts;
    if (of.is(value_kind::list))
        return of_lists.count(name) ? &of_lists : &of_sequences;
    if (of.is(value_kind::tuple))
        return &of_sequences;
    return of.is(value_kind::dict) && !of.entries().is_namespace ? &of_dicts : nullptr;
}

} // namespace

bool has_method(const value &of, const std::string &name) {
    if (of.is(value_kind::relation))
        return of_relations.count(name) > 0;
    if (value out; of.is(value_kind::opaque))
        return of.object()->method(name, out);
    const auto *methods = methods_of(of, name);
    return methods && (methods->count(name) || (name == "format" && of.is(value_kind::string)));
}

value method(const value &of, const std::string &name, parameters &p, meter &m) {
    if (of.is(value_kind::string) && name == "format")
        return braces(of.text(), p, m);
    if (value out; of.is(value_kind::relation) || (of.is(value_kind::opaque) && of.object()->method(name, out))) {
        if (of.is(value_kind::relation) && has_method(of, name))
            out = relation_method(of.table(), name, p);
        else if (of.is(value_kind::relation))
            throw complaint{"a relation has no method \"" + name + "\"", ""};
        p.finish();
        return out;
    }
    const auto *methods = methods_of(of, name);
    if (!methods || !methods->count(name)) {
        std::vector<std::string> known;
        for (const auto *map : {methods, of.is(value_kind::list) ? &of_lists : nullptr})
            if (map)
                for (const auto &one : *map)
                    known.push_back(one.first);
        const std::string near = name::nearest(name, known);
        throw complaint{std::string(of.type_name()) + " has no method \"" + name + "\"",
                        near.empty() ? "" : "Did you mean \"" + near + "\"?"};
    }
    value out = methods->at(name)(of, p, m);
    p.finish();
    return out;
}

} // namespace barometre::jinja
