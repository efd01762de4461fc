#include "core/jinja/operators.h"
#include "core/name/column_name.h"
#include "core/python/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;
using filter_of = value (*)(const value &, parameters &, meter &);

/// Texts are copied, character by character at worst.
std::string written(const value &v, meter &m) {
    std::string out = printed(v, m);
    m.steps(out.size() / 8);
    m.bytes(out.size());
    return out;
}

/// Items by which others are sorted and told apart: texts without their case unless it counts.
value without_case(const value &v, bool case_counts, meter &m) {
    if (case_counts || !v.is(value_kind::string))
        return v;
    m.bytes(v.text().size());
    return python::lower(v.text());
}

value named_part(const value &v, const value &name, meter &m) {
    if (name.is(value_kind::string) && !v.is_sequence()) {
        std::string missing;
        const value out = attribute_of(v, name.text(), missing);
        if (!missing.empty())
            throw complaint{missing, ""};
        return out;
    }
    const value out = item_of(v, name, m);
    if (out.is(value_kind::undefined))
        throw complaint{std::string(v.type_name()) + " has no such item", ""};
    return out;
}

list sorted(const value &v, bool reverse, bool case_counts, const value *attribute, meter &m) {
    list items = items_of(v, m);
    std::vector<std::pair<value, value>> keyed;
    for (const value &one : items)
        keyed.emplace_back(
            without_case(attribute && !attribute->is(value_kind::none) ? named_part(one, *attribute, m) : one,
                         case_counts, m),
            one);
    if (reverse) // stable both ways
        std::stable_sort(keyed.begin(), keyed.end(),
                         [&](const auto &a, const auto &b) { return less(b.first, a.first, m); });
    else
        std::stable_sort(keyed.begin(), keyed.end(),
                         [&](const auto &a, const auto &b) { return less(a.first, b.first, m); });
    for (std::size_t i = 0; i < items.size(); ++i)
        items[i] = keyed[i].second;
    return items;
}

value unique(const value &v, parameters &p, meter &m) {
    const bool case_counts = p.flag(0, "case_sensitive", false);
    list out;
    dict seen;
    for (const value &one : items_of(v, m)) {
        const value key = without_case(one, case_counts, m);
        if (!seen.find(key)) {
            m.bytes(4 * sizeof(value));
            seen.set(key, true);
            out.push_back(one);
        }
    }
    return out;
}

value join(const value &v, parameters &p, meter &m) {
    const value *given = p.get(0, "d");
    const std::string between = given ? printed(*given, m) : "";
    const value *attribute = p.get(1, "attribute");
    std::string out;
    bool first = true;
    for (const value &one : items_of(v, m)) {
        if (!first) {
            m.bytes(between.size());
            out += between;
        }
        first = false;
        out += printed(attribute && !attribute->is(value_kind::none) ? named_part(one, *attribute, m) : one, m);
    }
    return out;
}

value to_integer(const value &v, parameters &p, meter &) {
    const value *given = p.get(0, "default");
    const value otherwise = given ? *given : value(0);
    const std::int64_t base = p.integer(1, "base", 10);
    if (base < 2 || base > 36)
        throw complaint{"the base of \"int\" must be 2 to 36", ""};
    if (defined(v).is_whole())
        return v.integer();
    double d = 0;
    if (v.is(value_kind::string)) {
        std::string s = python::stripped(v.text(), true, true);
        std::int64_t i = 0;
        const char *from = s.data() + (s.starts_with('+') && s.size() > 1 && s[1] != '-'), *end = s.data() + s.size();
        if (auto [stop, code] = std::from_chars(from, end, i, static_cast<int>(base));
            code == std::errc() && stop == end && from != end)
            return i;
        if (auto [stop, code] = std::from_chars(from, end, d); code != std::errc() || stop != end || from == end)
            return otherwise;
    } else if (v.is(value_kind::real)) {
        d = v.real();
    } else {
        return otherwise;
    }
    if (!std::isfinite(d))
        return otherwise;
    if (std::fabs(d) >= 9.2e18)
        throw complaint{"the number is too large for an integer", ""};
    return static_cast<std::int64_t>(d);
}

value to_real(const value &v, parameters &p, meter &) {
    const value *given = p.get(0, "default");
    if (defined(v).is_number())
        return v.real();
    if (v.is(value_kind::string)) {
        const std::string s = python::stripped(v.text(), true, true);
        double d = 0;
        const char *from = s.data() + (s.starts_with('+') && s.size() > 1 && s[1] != '-'), *end = s.data() + s.size();
        if (auto [stop, code] = std::from_chars(from, end, d); code == std::errc() && stop == end && from != end)
            return d;
    }
    return given ? *given : value(0.0);
}

value extreme(const value &v, bool least, parameters &p, meter &m) {
    const list all = sorted(v, !least, p.flag(0, "case_sensitive", false), p.get(1, "attribute"), m);
    return all.empty() ? value::nothing() : all.front();
}

value first_or_last(const value &v, bool first, meter &m) {
    if (!v.is(value_kind::dict) && length_of(v, m) > 0)
        return item_of(v, first ? 0 : -1, m);
    const list all = items_of(v, m);
    return all.empty() ? value::nothing() : first ? all.front() : all.back();
}

/// map('upper'), map('replace', 'a', 'b'), map(attribute='name').
value map(const value &v, parameters &p, meter &m) {
    list out;
    const value *attribute = p.positional().empty() ? p.get(0, "attribute") : nullptr;
    if (!attribute) {
        const std::string name = p.text(0, "filter");
        if (!is_filter(name))
            throw complaint{"there is no filter \"" + name + "\"", ""};
        for (const value &one : items_of(v, m)) {
            parameters rest(name, list(p.positional().begin() + (p.positional().empty() ? 0 : 1), p.positional().end()),
                            p.named());
            out.push_back(filter(name, one, rest, m));
        }
        for (std::size_t i = 0; i < p.positional().size(); ++i)
            p.get(i, "");
        for (const auto &given : p.named())
            p.get(SIZE_MAX / 2, given.first.c_str());
        return out;
    }
    const value *otherwise = p.get(1, "default");
    for (const value &one : items_of(v, m)) {
        std::string missing;
        const value found = attribute->is(value_kind::string) && !one.is_sequence()
                                ? attribute_of(one, attribute->text(), missing)
                                : item_of(one, *attribute, m);
        if (found.is(value_kind::undefined) && !otherwise)
            throw complaint{missing.empty() ? std::string(one.type_name()) + " has no such item" : missing, ""};
        out.push_back(found.is(value_kind::undefined) ? *otherwise : found);
    }
    return out;
}

/// select('odd'), reject('none'), selectattr('type', 'equalto', 'x').
value chosen(const value &v, bool wanted, bool by_attribute, parameters &p, meter &m) {
    list out;
    const std::size_t before = by_attribute;
    const list &given = p.positional();
    const value attribute = by_attribute ? p.required(0, "attribute") : value();
    for (const value &one : items_of(v, m)) {
        const value of = by_attribute ? named_part(one, attribute, m) : one;
        bool holds = is_true(of);
        if (given.size() > before) {
            const std::string name = p.text(before, "test");
            parameters rest(name, list(given.begin() + static_cast<std::ptrdiff_t>(before) + 1, given.end()),
                            p.named());
            holds = test(name, of, rest, m);
        }
        if (holds == wanted)
            out.push_back(one);
    }
    for (std::size_t i = 0; i < given.size(); ++i)
        p.get(i, "");
    return out;
}

value rounded(const value &v, parameters &p, meter &) {
    const std::int64_t digits = std::clamp<std::int64_t>(p.integer(0, "precision", 0), -300, 300);
    const std::string how = p.text(1, "method", "common");
    if (how != "common" && how != "ceil" && how != "floor")
        throw complaint{"the method of \"round\" must be common, ceil or floor", ""};
    if (!defined(v).is_number())
        throw complaint{std::string("\"round\" takes a number, not ") + v.type_name(), ""};
    if (how == "common") {
        if (v.is_whole() && digits >= 0)
            return v.integer();
        if (digits == 0)
            return std::nearbyint(v.real()); // half to even, as Python does
        char buffer[800];
        if (digits > 0 && std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(digits), v.real()) <
                              static_cast<int>(sizeof buffer))
            return std::strtod(buffer, nullptr);
    }
    const double unit = std::pow(10.0, static_cast<double>(digits)), scaled = v.real() * unit;
    return (how == "ceil" ? std::ceil(scaled) : how == "floor" ? std::floor(scaled) : std::nearbyint(scaled)) / unit;
}

const std::map<std::string, filter_of> filters = {
    {"join", join},
    {"upper", [](const value &v, parameters &, meter &m) { return value(python::upper(written(v, m))); }},
    {"lower", [](const value &v, parameters &, meter &m) { return value(python::lower(written(v, m))); }},
    {"capitalize", [](const value &v, parameters &, meter &m) { return value(python::capitalized(written(v, m))); }},
    {"string", [](const value &v, parameters &, meter &m) { return value(written(v, m)); }},
    {"trim",
     [](const value &v, parameters &p, meter &m) {
         parameters copy = p;
         p.get(0, "chars");
         return method(written(v, m), "strip", copy, m);
     }},
    {"replace",
     [](const value &v, parameters &p, meter &m) {
         parameters all("replace",
                        {value(printed(p.required(0, "old"), m)), value(printed(p.required(1, "new"), m)),
                         value(p.integer(2, "count", -1))},
                        {});
         return method(written(v, m), "replace", all, m);
     }},
    {"length",
     [](const value &v, parameters &, meter &m) { return value(static_cast<std::int64_t>(length_of(v, m))); }},
    {"int", to_integer},
    {"float", to_real},
    {"default",
     [](const value &v, parameters &p, meter &) {
         const value *given = p.get(0, "default_value");
         const bool also_false = p.flag(1, "boolean", false);
         if (v.is(value_kind::undefined) || (also_false && !is_true(v)))
             return given ? *given : value("");
         return v;
     }},
    {"list", [](const value &v, parameters &, meter &m) { return value(items_of(v, m)); }},
    {"first", [](const value &v, parameters &, meter &m) { return first_or_last(v, true, m); }},
    {"last", [](const value &v, parameters &, meter &m) { return first_or_last(v, false, m); }},
    {"sort",
     [](const value &v, parameters &p, meter &m) {
         const bool reverse = p.flag(0, "reverse", false), case_counts = p.flag(1, "case_sensitive", false);
         return value(sorted(v, reverse, case_counts, p.get(2, "attribute"), m));
     }},
    {"unique", unique},
    {"reverse",
     [](const value &v, parameters &, meter &m) {
         list all = items_of(v, m);
         std::reverse(all.begin(), all.end());
         if (!v.is(value_kind::string))
             return value(std::move(all));
         std::string out;
         for (const value &c : all)
             out += c.text();
         return value(std::move(out));
     }},
    {"min", [](const value &v, parameters &p, meter &m) { return extreme(v, true, p, m); }},
    {"max", [](const value &v, parameters &p, meter &m) { return extreme(v, false, p, m); }},
    {"sum",
     [](const value &v, parameters &p, meter &m) {
         const value *attribute = p.get(0, "attribute"), *start = p.get(1, "start");
         value total = start ? *start : value(0);
         for (const value &one : items_of(v, m))
             total = operate("+", total,
                             attribute && !attribute->is(value_kind::none) ? named_part(one, *attribute, m) : one, m);
         return total;
     }},
    {"abs", [](const value &v, parameters &,
               meter &m) { return compare("<", v, 0, m) ? negative(v) : operate("+", v, 0, m); }},
    {"round", rounded},
    {"map", map},
    {"select", [](const value &v, parameters &p, meter &m) { return chosen(v, true, false, p, m); }},
    {"reject", [](const value &v, parameters &p, meter &m) { return chosen(v, false, false, p, m); }},
    {"selectattr", [](const value &v, parameters &p, meter &m) { return chosen(v, true, true, p, m); }},
    {"rejectattr", [](const value &v, parameters &p, meter &m) { return chosen(v, false, true, p, m); }},
    {"items",
     [](const value &v, parameters &p, meter &m) {
         if (!defined(v).is(value_kind::dict))
             throw complaint{std::string("\"items\" takes a dict, not ") + v.type_name(), ""};
         return method(v, "items", p, m);
     }},
};

const std::map<std::string, std::string> other_names = {{"d", "default"}, {"count", "length"}};

std::string full_name(const std::string &name) {
    auto other = other_names.find(name);
    return other == other_names.end() ? name : other->second;
}

} // namespace

bool is_filter(const std::string &name) { return filters.count(full_name(name)) || name == "format"; }

std::vector<std::string> filter_names() {
    std::vector<std::string> out{"format"};
    for (const auto &one : filters)
        out.push_back(one.first);
    return out;
}

value filter(const std::string &name, const value &v, parameters &p, meter &m) {
    if (name == "format")
        return formatted(printed(v, m), p.positional(), m);
    auto found = filters.find(full_name(name));
    if (found->first != "default")
        defined(v);
    value out = found->second(v, p, m);
    p.finish();
    return out;
}

} // namespace barometre::jinja
