#include "core/jinja/filters.h"
#include "core/python/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;
/// What may be a number, without what Python lets be around and in it: blanks, and "_" between digits.
std::string number_text(const std::string &text, meter &m) {
    m.steps(text.size() / 8);
    const std::string s = python::stripped(text, true, true);
    std::string out;
    auto is_digit = [&](std::size_t i) { return i < s.size() && std::isalnum(static_cast<unsigned char>(s[i])); };
    for (std::size_t i = 0; i < s.size(); ++i)
        if (s[i] != '_' || i == 0 || !is_digit(i - 1) || !is_digit(i + 1))
            out += s[i];
    return out;
}

/// '0x1A' of base 16, as Python lets it be written.
bool with_base(const std::string &s, std::int64_t base, std::int64_t &out) {
    const char letter = base == 16 ? 'x' : base == 8 ? 'o' : base == 2 ? 'b' : '\0';
    const std::size_t sign = s.starts_with('-') || s.starts_with('+');
    if (!letter || s.size() < sign + 3 || s[sign] != '0' ||
        std::tolower(static_cast<unsigned char>(s[sign + 1])) != letter)
        return false;
    const std::string digits = s.substr(0, sign && s[0] == '-') + s.substr(sign + 2);
    const char *end = digits.data() + digits.size();
    const auto [stop, code] = std::from_chars(digits.data(), end, out, static_cast<int>(base));
    return code == std::errc() && stop == end;
}

value to_integer(const value &v, parameters &p, meter &m) {
    const value *given = p.get(0, "default");
    const value otherwise = given ? *given : value(0);
    const std::int64_t base = p.integer(1, "base", 10);
    if (base < 2 || base > 36)
        throw complaint{"the base of \"int\" must be 2 to 36", ""};
    if (defined(v).is_whole())
        return v.integer();
    double d = 0;
    if (v.is(value_kind::string)) {
        const std::string s = number_text(v.text(), m);
        std::int64_t i = 0;
        if (with_base(s, base, i))
            return i;
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

value to_real(const value &v, parameters &p, meter &m) {
    const value *given = p.get(0, "default");
    if (defined(v).is_number())
        return v.real();
    if (v.is(value_kind::string)) {
        const std::string s = number_text(v.text(), m);
        double d = 0;
        const char *from = s.data() + (s.starts_with('+') && s.size() > 1 && s[1] != '-'), *end = s.data() + s.size();
        if (auto [stop, code] = std::from_chars(from, end, d); code == std::errc() && stop == end && from != end)
            return d;
    }
    return given ? *given : value(0.0);
}

value first_or_last(const value &v, bool first, meter &m) {
    if (!v.is(value_kind::dict) && length_of(v, m) > 0)
        return item_of(v, first ? 0 : -1, m);
    const list all = items_of(v, m);
    return all.empty() ? value::nothing() : first ? all.front() : all.back();
}

/// To a multiple of a power of ten, half of it to an even one.
value rounded_whole(std::int64_t i, std::int64_t zeros) {
    if (zeros > 18)
        return 0;
    std::int64_t unit = 1, out = 0;
    while (zeros-- > 0)
        unit *= 10;
    std::int64_t times = i / unit;
    const std::int64_t rest = std::abs(i % unit), other = unit - rest;
    if (rest > other || (rest == other && times % 2 != 0))
        times += i < 0 ? -1 : 1;
    if (__builtin_mul_overflow(times, unit, &out))
        throw complaint{"the result is too large for an integer", ""};
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
        if (v.is_whole())
            return digits >= 0 ? v.integer() : rounded_whole(v.integer(), -digits);
        if (digits == 0)
            return std::nearbyint(v.real()); // half to even, as Python does
        char buffer[800];
        if (digits > 0 && std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(digits), v.real()) <
                              static_cast<int>(sizeof buffer))
            return std::strtod(buffer, nullptr);
    }
    const double unit = std::pow(10.0, static_cast<double>(digits)), scaled = v.real() * unit;
    const double whole = how == "ceil"    ? std::ceil(scaled)
                         : how == "floor" ? std::floor(scaled)
                                          : std::nearbyint(scaled);
    return (whole == 0 && how != "common" ? 0.0 : whole) / unit; // Python's ceil() gives an integer, which has no -0
}

/// What says in dbt of what type a value is, where it becomes no text: evaluator::filtered.
value unchanged(const value &v, parameters &, meter &) { return v; }

const std::map<std::string, filter_of> filters = {
    {"join", join_filter},
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
    {"sort", sort_filter},
    {"unique", unique_filter},
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
    {"min", min_filter},
    {"max", max_filter},
    {"sum", sum_filter},
    {"abs", [](const value &v, parameters &,
               meter &m) { return compare("<", v, 0, m) ? negative(v) : operate("+", v, 0, m); }},
    {"round", rounded},
    {"map", map_filter},
    {"select", [](const value &v, parameters &p, meter &m) { return choosing_filter(v, true, false, p, m); }},
    {"reject", [](const value &v, parameters &p, meter &m) { return choosing_filter(v, false, false, p, m); }},
    {"selectattr", [](const value &v, parameters &p, meter &m) { return choosing_filter(v, true, true, p, m); }},
    {"rejectattr", [](const value &v, parameters &p, meter &m) { return choosing_filter(v, false, true, p, m); }},
    {"groupby", groupby_filter},
    {"batch", batch_filter},
    {"slice", slice_filter},
    {"dictsort", dictsort_filter},
    {"title", title_filter},
    {"center", center_filter},
    {"indent", indent_filter},
    {"truncate", truncate_filter},
    {"wordcount", wordcount_filter},
    {"tojson", tojson_filter},
    {"escape", escape_filter},
    {"attr",
     [](const value &v, parameters &p, meter &) {
         std::string missing;
         const std::string name = p.text(0, "name");
         if (v.is(value_kind::dict)) // has keys, and no attributes
             return value::nothing();
         return attribute_of(v, name, missing);
     }},
    {"safe", unchanged},
    {"as_bool", unchanged},
    {"as_number", unchanged},
    {"as_native", unchanged},
    {"as_text", unchanged},
    {"items",
     [](const value &v, parameters &p, meter &m) {
         if (!defined(v).is(value_kind::dict))
             throw complaint{std::string("\"items\" takes a dict, not ") + v.type_name(), ""};
         return method(v, "items", p, m);
     }},
};

const std::map<std::string, std::string> other_names = {
    {"d", "default"}, {"count", "length"}, {"e", "escape"}, {"forceescape", "escape"}};

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
    if (name == "format") {
        if (p.named().empty())
            return formatted(printed(v, m), p.positional(), m);
        if (!p.positional().empty())
            throw complaint{"\"format\" takes values by name or by place, not both", ""};
        dict named;
        for (const auto &[key, one] : p.named())
            named.set(key, one, m);
        return formatted(printed(v, m), {value(std::move(named))}, m);
    }
    auto found = filters.find(full_name(name));
    if (found->first != "default")
        defined(v);
    value out = found->second(v, p, m);
    p.finish();
    return out;
}

} // namespace barometre::jinja
