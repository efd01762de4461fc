#include "core/jinja/operators.h"
#include "core/name/nearest.h"

#include <algorithm>
#include <map>
#include <set>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

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
    {"clear",
     [](const value &v, parameters &, meter &) {
         v.items().clear();
         return value();
     }},
    {"sort",
     [](const value &v, parameters &p, meter &m) {
         const value *given = p.named("reverse");
         const bool reverse = given && is_true(*given);
         m.bytes(v.items().size() * sizeof(value));
         list sorted = v.items(); // which stays as it is where there is no order
         std::stable_sort(sorted.begin(), sorted.end(),
                          [&](const value &a, const value &b) { return reverse ? less(b, a, m) : less(a, b, m); });
         v.items() = std::move(sorted);
         return value();
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
    m.changed(holder, held);
    holder.entries().set(defined(key), held, m);
}

} // namespace

/// Copies: what is read may be what is changed.
std::vector<std::pair<value, value>> pairs_of(const value &of, const std::string &function, meter &m) {
    if (defined(of).is(value_kind::dict)) {
        m.bytes(of.entries().entries().size() * 2 * sizeof(value));
        return of.entries().entries();
    }
    std::vector<std::pair<value, value>> out;
    if (!of.is_sequence())
        throw complaint{"\"" + function + "\" takes a dict, not " + of.type_name(), ""};
    for (const value &one : of.items()) {
        const list pair = items_of(one, m);
        if (pair.size() != 2)
            throw complaint{"\"" + function + "\" takes a dict, or pairs of a key and a value", ""};
        m.bytes(2 * sizeof(value));
        out.emplace_back(pair[0], pair[1]);
    }
    return out;
}

namespace {

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
             for (const auto &[key, one] : pairs_of(*with, "update", m))
                 put(v, key, one, m);
         }
         for (const auto &[keyword, one] : p.named()) {
             p.get(0, keyword.c_str());
             put(v, keyword, one, m);
         }
         return value();
     }},
    {"pop",
     [](const value &v, parameters &p, meter &m) {
         const value *otherwise = p.get(1, "default"), *found = v.entries().find(defined(p.required(0, "key")));
         if (!found && !otherwise)
             throw complaint{"the dict has no such key to be popped", "Give a default: pop('key', none)."};
         const value out = found ? *found : *otherwise;
         m.steps(v.entries().entries().size());
         v.entries().erase(*p.get(0, "key"));
         return out;
     }},
    {"popitem",
     [](const value &v, parameters &, meter &m) {
         if (v.entries().entries().empty())
             throw complaint{"there is nothing in the dict to be popped", ""};
         const auto [key, one] = v.entries().entries().back();
         m.bytes(4 * sizeof(value));
         m.steps(v.entries().entries().size());
         v.entries().erase(key);
         return value::tuple({key, one});
     }},
    {"clear",
     [](const value &v, parameters &, meter &) {
         v.entries().clear();
         return value();
     }},
    {"copy",
     [](const value &v, parameters &, meter &m) {
         m.bytes(v.entries().bytes());
         dict out = v.entries();
         return value(std::move(out));
     }},
};

const std::set<std::string> of_relations = {"include", "information_schema", "quote", "render", "without_identifier"};

const std::map<std::string, method_of> *methods_of(const value &of, const std::string &name) {
    if (of.is(value_kind::string))
        return &methods_of_texts();
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
        return format_braces(of.text(), p, m);
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
