#include "core/jinja/filters.h"
#include "core/python/text.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;
constexpr std::size_t deepest_map = 32;

/// Items by which others are sorted and told apart: texts without their case unless it counts.
value without_case(const value &v, bool case_counts, meter &m) {
    if (case_counts || !v.is(value_kind::string))
        return v;
    m.bytes(v.text().size());
    return python::lower(v.text());
}

/// Where an attribute is: 'a.b', 'a.0', or a number.
class path {
public:
    path(const value *of, meter &m) : m_(m) {
        if (!of || defined(*of).is(value_kind::none))
            return;
        if (!of->is(value_kind::string)) {
            parts_.push_back(*of);
            return;
        }
        const std::string dot = ".";
        m.bytes(of->text().size() * 2 + sizeof(value));
        for (std::string &part : python::split(of->text(), &dot, -1)) {
            const bool is_number =
                !part.empty() && part.size() < 18 && part.find_first_not_of("0123456789") == part.npos;
            parts_.push_back(is_number ? value(static_cast<std::int64_t>(std::stoll(part))) : value(std::move(part)));
        }
    }

    /// nothing(), or `otherwise`, where it is not there.
    value of(const value &v, const value *otherwise = nullptr) const {
        value out = v;
        for (const value &part : parts_) {
            m_.steps(1);
            out = step(out, part);
            if (out.is(value_kind::undefined) && otherwise)
                out = *otherwise;
        }
        return out;
    }
    value sure(const value &v) const {
        value out = of(v);
        if (out.is(value_kind::undefined))
            throw complaint{shown(v), ""};
        return out;
    }

private:
    value step(const value &v, const value &part) const {
        if (part.is(value_kind::string) && (!defined(v).is(value_kind::opaque) || v.object()->is_data())) {
            std::string missing;
            return attribute_of(v, part.text(), missing);
        }
        if (v.is(value_kind::dict) || ((v.is_sequence() || v.is(value_kind::string)) && part.is_whole()))
            return item_of(v, part, m_);
        return value::nothing();
    }
    std::string shown(const value &v) const {
        std::string name;
        for (const value &part : parts_)
            name += (name.empty() ? "" : ".") + printed(part, m_);
        return std::string(v.type_name()) + " has no \"" + name + "\"";
    }

    meter &m_;
    list parts_;
};

/// Several, with commas between them.
list paths_in(const value *attribute, meter &m) {
    list out;
    const std::string comma = ",";
    if (attribute && defined(*attribute).is(value_kind::string)) {
        m.bytes(attribute->text().size() * 2);
        for (std::string &one : python::split(attribute->text(), &comma, -1))
            out.emplace_back(std::move(one));
    } else {
        out.push_back(attribute ? *attribute : value());
    }
    return out;
}

using keyed_items = std::vector<std::pair<value, value>>;

void sort_by_key(keyed_items &keyed, bool reverse, meter &m) { // stable both ways
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto &a, const auto &b) {
        return reverse ? less(b.first, a.first, m) : less(a.first, b.first, m);
    });
}

list seconds_of(keyed_items keyed) {
    list out;
    for (auto &one : keyed)
        out.push_back(std::move(one.second));
    return out;
}

value extreme(const value &v, bool least, parameters &p, meter &m) {
    const bool case_counts = p.flag(0, "case_sensitive", false);
    const path attribute(p.get(1, "attribute"), m);
    const list items = items_of(v, m);
    const value *best = nullptr;
    value best_key;
    for (const value &one : items) {
        const value key = without_case(attribute.sure(one), case_counts, m);
        if (!best || (least ? less(key, best_key, m) : less(best_key, key, m))) {
            best = &one;
            best_key = key;
        }
    }
    return best ? *best : value::nothing();
}

/// The filter or test that is called by name with what follows the name.
parameters rest_of(const parameters &p, const std::string &name, std::size_t before, meter &m) {
    m.steps((p.positional().size() + p.named().size()) / 4 + 1);
    return parameters(
        name,
        list(p.positional().begin() + static_cast<std::ptrdiff_t>(std::min(before, p.positional().size())),
             p.positional().end()),
        p.named());
}

} // namespace

value sort_filter(const value &v, parameters &p, meter &m) {
    const bool reverse = p.flag(0, "reverse", false), case_counts = p.flag(1, "case_sensitive", false);
    const list names = paths_in(p.get(2, "attribute"), m);
    std::vector<path> paths;
    for (const value &one : names)
        paths.emplace_back(&one, m);
    keyed_items keyed;
    for (value &one : items_of(v, m)) {
        list keys;
        m.bytes((paths.size() + 4) * sizeof(value));
        for (const path &attribute : paths)
            keys.push_back(without_case(attribute.sure(one), case_counts, m));
        keyed.emplace_back(keys.size() == 1 ? std::move(keys[0]) : value(std::move(keys)), std::move(one));
    }
    sort_by_key(keyed, reverse, m);
    return seconds_of(std::move(keyed));
}

value unique_filter(const value &v, parameters &p, meter &m) {
    const bool case_counts = p.flag(0, "case_sensitive", false);
    const path attribute(p.get(1, "attribute"), m);
    list out;
    dict seen;
    for (const value &one : items_of(v, m)) {
        const value key = without_case(attribute.sure(one), case_counts, m);
        if (!seen.find(key)) {
            seen.set(key, true, m);
            out.push_back(one);
        }
    }
    return out;
}

value min_filter(const value &v, parameters &p, meter &m) { return extreme(v, true, p, m); }
value max_filter(const value &v, parameters &p, meter &m) { return extreme(v, false, p, m); }

value sum_filter(const value &v, parameters &p, meter &m) {
    const path attribute(p.get(0, "attribute"), m);
    const value *start = p.get(1, "start");
    value total = start ? *start : value(0);
    for (const value &one : items_of(v, m))
        total = operate("+", total, attribute.sure(one), m);
    return total;
}

value join_filter(const value &v, parameters &p, meter &m) {
    const value *given = p.get(0, "d");
    const std::string between = given ? printed(*given, m) : "";
    const path attribute(p.get(1, "attribute"), m);
    std::string out;
    bool first = true;
    for (const value &one : items_of(v, m)) {
        if (!first) {
            m.bytes(between.size());
            out += between;
        }
        first = false;
        out += printed(attribute.sure(one), m);
    }
    return out;
}

/// As map() and select() of Jinja take none for no items.
list items_if_any(const value &v, meter &m) { return v.is(value_kind::none) ? list() : items_of(v, m); }

/// How often map('map', 'map', ...) calls itself.
std::size_t maps_in_maps(const list &arguments) {
    const auto other = std::find_if(arguments.begin(), arguments.end(), [](const value &one) {
        return !one.is(value_kind::string) || one.text() != "map";
    });
    return static_cast<std::size_t>(other - arguments.begin());
}

/// map('upper'), map('replace', 'a', 'b'), map(attribute='name').
value map_filter(const value &v, parameters &p, meter &m) {
    list out;
    const value *attribute = p.positional().empty() ? p.get(0, "attribute") : nullptr;
    if (!attribute) {
        const std::string name = p.text(0, "filter");
        if (!is_filter(name))
            throw complaint{"there is no filter \"" + name + "\"", ""};
        if (maps_in_maps(p.positional()) > deepest_map)
            throw complaint{"filters are nested too deeply in \"map\"", ""};
        for (const value &one : items_if_any(v, m)) {
            parameters rest = rest_of(p, name, 1, m);
            out.push_back(filter(name, one, rest, m));
        }
        p.rest(0);
        p.others();
        return out;
    }
    const value *otherwise = p.get(1, "default");
    if (otherwise && otherwise->is(value_kind::none))
        otherwise = nullptr;
    const path parts(attribute, m);
    for (const value &one : items_if_any(v, m))
        out.push_back(otherwise ? parts.of(one, otherwise) : parts.sure(one));
    return out;
}

/// select('odd'), reject('none'), selectattr('type', 'equalto', 'x'). What has no such attribute is tested as what is
/// not defined: selectattr('x', 'defined').
value choosing_filter(const value &v, bool wanted, bool by_attribute, parameters &p, meter &m) {
    list out;
    const std::size_t before = by_attribute;
    const list &given = p.positional();
    const path attribute(by_attribute ? &p.required(0, "attribute") : nullptr, m);
    const std::string name = given.size() > before ? p.text(before, "test") : "";
    for (const value &one : items_if_any(v, m)) {
        const value of = attribute.of(one);
        bool holds = false;
        if (name.empty()) {
            holds = is_true(of);
        } else {
            parameters rest = rest_of(p, name, before + 1, m);
            holds = test(name, of, rest, m);
        }
        if (holds == wanted)
            out.push_back(one);
    }
    p.rest(0);
    if (!name.empty())
        p.others();
    return out;
}

value groupby_filter(const value &v, parameters &p, meter &m) {
    const path attribute(&p.required(0, "attribute"), m);
    const value *otherwise = p.get(1, "default");
    const bool case_counts = p.flag(2, "case_sensitive", false);
    if (otherwise && otherwise->is(value_kind::none))
        otherwise = nullptr;
    auto exact = [&](const value &one) { return otherwise ? attribute.of(one, otherwise) : attribute.sure(one); };
    keyed_items keyed;
    for (value &one : items_of(v, m)) {
        m.bytes(8 * sizeof(value));
        value key = without_case(exact(one), case_counts, m);
        keyed.emplace_back(std::move(key), std::move(one));
    }
    sort_by_key(keyed, false, m);
    list out;
    for (std::size_t i = 0; i < keyed.size();) {
        list same;
        const std::size_t first = i;
        for (; i < keyed.size() && (i == first || equal(keyed[first].first, keyed[i].first, m)); ++i)
            same.push_back(keyed[i].second);
        const value of = exact(same.front());
        out.push_back(value::group(of, std::move(same)));
    }
    return out;
}

value batch_filter(const value &v, parameters &p, meter &m) {
    p.required(0, "linecount");
    const std::int64_t size = p.integer(0, "linecount", 0);
    const value *fill = p.get(1, "fill_with");
    if (size < 1)
        throw complaint{"\"batch\" takes a number from 1", ""};
    const list all = items_of(v, m);
    list out;
    for (std::size_t i = 0; i < all.size();) {
        list some;
        m.bytes(4 * sizeof(value));
        for (std::int64_t n = 0; n < size && i < all.size(); ++n)
            some.push_back(all[i++]);
        if (fill && !fill->is(value_kind::none) && static_cast<std::int64_t>(some.size()) < size) {
            m.bytes(static_cast<std::uint64_t>(std::min<std::int64_t>(size, INT64_MAX / 64)) * sizeof(value));
            some.resize(static_cast<std::size_t>(size), *fill);
        }
        out.emplace_back(std::move(some));
    }
    return out;
}

value slice_filter(const value &v, parameters &p, meter &m) {
    p.required(0, "slices");
    const std::int64_t count = p.integer(0, "slices", 0);
    const value *fill = p.get(1, "fill_with");
    if (count < 1)
        throw complaint{"\"slice\" takes a number from 1", ""};
    const list all = items_of(v, m);
    m.bytes(static_cast<std::uint64_t>(std::min<std::int64_t>(count, INT64_MAX / 64)) * 4 * sizeof(value));
    const std::size_t slices = static_cast<std::size_t>(count), each = all.size() / slices, more = all.size() % slices;
    list out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < slices; ++i) {
        const std::size_t end = at + each + (i < more);
        list some(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(end));
        if (fill && !fill->is(value_kind::none) && i >= more)
            some.push_back(*fill);
        out.emplace_back(std::move(some));
        at = end;
    }
    return out;
}

value dictsort_filter(const value &v, parameters &p, meter &m) {
    const bool case_counts = p.flag(0, "case_sensitive", false);
    const std::string by = p.text(1, "by", "key");
    const bool reverse = p.flag(2, "reverse", false);
    if (by != "key" && by != "value")
        throw complaint{"\"dictsort\" sorts by key or value", ""};
    if (!v.is(value_kind::dict))
        throw complaint{std::string("\"dictsort\" takes a dict, not ") + v.type_name(), ""};
    keyed_items keyed;
    for (const auto &[key, one] : v.entries().entries()) {
        m.bytes(6 * sizeof(value));
        keyed.emplace_back(without_case(by == "key" ? key : one, case_counts, m), value::tuple({key, one}));
    }
    sort_by_key(keyed, reverse, m);
    return seconds_of(std::move(keyed));
}

} // namespace barometre::jinja
