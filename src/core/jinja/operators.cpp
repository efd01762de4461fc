#include "core/jinja/operators.h"
#include "core/python/text.h"

#include <algorithm>
#include <cmath>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;
constexpr std::size_t value_size = sizeof(value);

[[noreturn]] void no_operation(const std::string &sign, const value &a, const value &b) {
    std::string hint;
    if (sign == "+" && (a.is(value_kind::string) || b.is(value_kind::string)))
        hint = "Texts are joined to anything with \"~\".";
    throw complaint{"\"" + sign + "\" can't be used with " + a.type_name() + " and " + b.type_name(), hint};
}
[[noreturn]] void too_large() { throw complaint{"the result is too large for an integer", ""}; }

value power(std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) {
        if (base == 0)
            throw complaint{"division by zero", ""};
        return std::pow(static_cast<double>(base), static_cast<double>(exponent));
    }
    std::int64_t out = 1;
    while (exponent > 0) {
        if ((exponent & 1) && __builtin_mul_overflow(out, base, &out))
            too_large();
        exponent >>= 1;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
            too_large();
        }
    }
    return out;
}

value whole(const std::string &sign, std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (sign == "**")
        return power(a, b);
    if (sign == "+"   ? __builtin_add_overflow(a, b, &out)
        : sign == "-" ? __builtin_sub_overflow(a, b, &out)
                      : sign == "*" && __builtin_mul_overflow(a, b, &out))
        too_large();
    if (sign == "+" || sign == "-" || sign == "*")
        return out;
    if (b == 0)
        throw complaint{"division by zero", ""};
    if (sign == "/")
        return static_cast<double>(a) / static_cast<double>(b);
    if (b == -1) { // INT64_MIN has no opposite
        if (sign == "%")
            return 0;
        if (__builtin_sub_overflow(std::int64_t{0}, a, &out))
            too_large();
        return out;
    }
    const bool rounds = a % b != 0 && ((a < 0) != (b < 0)); // downwards, as Python does
    return sign == "//" ? a / b - rounds : a % b + (rounds ? b : 0);
}

value real(const std::string &sign, double a, double b) {
    if (sign == "+")
        return a + b;
    if (sign == "-")
        return a - b;
    if (sign == "*")
        return a * b;
    if (sign == "**") {
        if (a == 0 && b < 0)
            throw complaint{"division by zero", ""};
        if (a < 0 && b != std::floor(b))
            throw complaint{"the result is no real number", ""};
        return std::pow(a, b);
    }
    if (b == 0)
        throw complaint{"division by zero", ""};
    if (sign == "/")
        return a / b;
    double rest = std::fmod(a, b);
    if (rest != 0 && ((rest < 0) != (b < 0)))
        rest += b;
    return sign == "%" ? value(rest == 0 ? std::copysign(0.0, b) : rest) : value(std::floor((a - rest) / b + 0.5));
}

value repeated(const value &v, std::int64_t times, meter &m) {
    times = std::max<std::int64_t>(times, 0);
    const std::size_t size = v.is(value_kind::string) ? v.text().size() : v.items().size() * value_size;
    std::uint64_t all = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(times), &all))
        all = UINT64_MAX;
    m.bytes(all);
    if (size == 0)
        times = 0;
    if (v.is(value_kind::string)) {
        std::string out;
        while (times-- > 0)
            out += v.text();
        return out;
    }
    list out;
    while (times-- > 0)
        out.insert(out.end(), v.items().begin(), v.items().end());
    return v.is(value_kind::tuple) ? value::tuple(std::move(out)) : value(std::move(out));
}

} // namespace

value operate(const std::string &sign, const value &a, const value &b, meter &m) {
    defined(a);
    if (sign == "%" && a.is(value_kind::string))
        return formatted(a.text(), b.is(value_kind::tuple) ? b.items() : list{b}, m);
    defined(b);
    if (a.is_whole() && b.is_whole())
        return whole(sign, a.integer(), b.integer());
    if (a.is_number() && b.is_number())
        return real(sign, a.real(), b.real());
    if (sign == "+" && a.is(value_kind::string) && b.is(value_kind::string)) {
        m.bytes(a.text().size() + b.text().size());
        return a.text() + b.text();
    }
    if (sign == "+" && a.is_sequence() && a.type() == b.type()) {
        m.bytes((a.items().size() + b.items().size()) * value_size);
        list out = a.items();
        out.insert(out.end(), b.items().begin(), b.items().end());
        return a.is(value_kind::tuple) ? value::tuple(std::move(out)) : value(std::move(out));
    }
    if (sign == "*" && (a.is(value_kind::string) || a.is_sequence()) && b.is_whole())
        return repeated(a, b.integer(), m);
    if (sign == "*" && (b.is(value_kind::string) || b.is_sequence()) && a.is_whole())
        return repeated(b, a.integer(), m);
    no_operation(sign, a, b);
}

bool compare(const std::string &sign, const value &a, const value &b, meter &m) {
    if (sign == "==")
        return equal(a, b, m);
    if (sign == "!=")
        return !equal(a, b, m);
    if (sign == "<")
        return less(a, b, m);
    if (sign == ">")
        return less(b, a, m);
    // With NaN nothing is less than or equal to anything.
    if (sign == "<=" || sign == ">=")
        return sign == "<=" ? less(a, b, m) || equal(a, b, m) : less(b, a, m) || equal(a, b, m);
    defined(a);
    defined(b);
    bool found = false;
    if (b.is(value_kind::dict)) {
        found = b.entries().find(a) != nullptr;
    } else if (b.is_sequence()) {
        found = std::any_of(b.items().begin(), b.items().end(), [&](const value &one) { return equal(a, one, m); });
    } else if (b.is(value_kind::string) && a.is(value_kind::string)) {
        m.steps(python::search_cost(b.text(), a.text()));
        found = b.text().find(a.text()) != std::string::npos;
    } else {
        throw complaint{std::string("\"in\" can't look for ") + a.type_name() + " in " + b.type_name(), ""};
    }
    return found == (sign == "in");
}

value negative(const value &v) {
    if (defined(v).is(value_kind::real))
        return -v.real();
    std::int64_t out = 0;
    if (!v.is_whole())
        throw complaint{std::string("\"-\" can't be used with ") + v.type_name(), ""};
    if (__builtin_sub_overflow(std::int64_t{0}, v.integer(), &out))
        too_large();
    return out;
}

std::size_t length_of(const value &v, meter &m) {
    switch (defined(v).type()) {
    case value_kind::string:
        m.steps(v.text().size() / 16);
        return python::length(v.text());
    case value_kind::list:
    case value_kind::tuple:
        return v.items().size();
    case value_kind::dict:
        return v.entries().entries().size();
    default:
        throw complaint{std::string(v.type_name()) + " has no length", ""};
    }
}

list items_of(const value &v, meter &m) {
    list out;
    switch (defined(v).type()) {
    case value_kind::string:
        m.bytes(v.text().size() * 128);
        for (std::string &c : python::characters(v.text()))
            out.emplace_back(std::move(c));
        return out;
    case value_kind::list:
    case value_kind::tuple:
        m.bytes(v.items().size() * value_size);
        return v.items();
    case value_kind::dict:
        m.bytes(v.entries().entries().size() * value_size);
        for (const auto &entry : v.entries().entries())
            out.push_back(entry.first);
        return out;
    default:
        throw complaint{std::string(v.type_name()) + " can't be looped over",
                        v.is(value_kind::none) ? "Use default([], true) for what may be none." : ""};
    }
}

value item_of(const value &of, const value &index, meter &m) {
    defined(index);
    if (defined(of).is(value_kind::dict)) {
        const value *found = of.entries().find(index);
        return found ? *found : value::nothing();
    }
    if (!of.is_sequence() && !of.is(value_kind::string))
        throw complaint{std::string(of.type_name()) + " has no items", ""};
    if (!index.is_whole())
        throw complaint{std::string("the index of ") + of.type_name() + " must be an integer, not " + index.type_name(),
                        ""};
    const std::int64_t size = static_cast<std::int64_t>(length_of(of, m));
    const std::int64_t at = index.integer() < 0 ? index.integer() + size : index.integer();
    if (at < 0 || at >= size)
        return value::nothing();
    if (of.is(value_kind::string)) {
        std::size_t byte = 0, from = 0;
        for (std::int64_t i = 0; i <= at; ++i) {
            from = byte;
            python::next(of.text(), byte);
        }
        return of.text().substr(from, byte - from);
    }
    return of.items()[static_cast<std::size_t>(at)];
}

value slice_of(const value &of, const value &from, const value &to, const value &step, meter &m) {
    if (!defined(of).is_sequence() && !of.is(value_kind::string))
        throw complaint{std::string(of.type_name()) + " can't be sliced", ""};
    for (const value *part : {&from, &to, &step})
        if (!defined(*part).is(value_kind::none) && !part->is_whole())
            throw complaint{std::string("the bounds of a slice must be integers, not ") + part->type_name(), ""};
    const std::int64_t size = static_cast<std::int64_t>(length_of(of, m));
    const std::int64_t by = step.is(value_kind::none) ? 1 : step.integer();
    if (by == 0)
        throw complaint{"the step of a slice can't be 0", ""};
    auto bound = [&](const value &v, std::int64_t otherwise) {
        if (v.is(value_kind::none))
            return otherwise;
        const std::int64_t i = v.integer() < 0 ? v.integer() + size : v.integer();
        return by > 0 ? std::clamp<std::int64_t>(i, 0, size) : std::clamp<std::int64_t>(i, -1, size - 1);
    };
    const std::int64_t first = bound(from, by > 0 ? 0 : size - 1), end = bound(to, by > 0 ? size : -1);
    if (of.is(value_kind::string) && by == 1) { // without taking it apart
        const std::string &s = of.text();
        std::size_t begin = 0, stop = 0;
        for (std::int64_t i = 0; i < first; ++i)
            python::next(s, begin);
        stop = begin;
        for (std::int64_t i = first; i < end; ++i)
            python::next(s, stop);
        m.bytes(stop - begin);
        return s.substr(begin, stop - begin);
    }
    const list all = items_of(of, m);
    list out;
    for (std::int64_t i = first; by > 0 ? i < end : i > end;) {
        out.push_back(all[static_cast<std::size_t>(i)]);
        if (__builtin_add_overflow(i, by, &i))
            break;
    }
    if (!of.is(value_kind::string))
        return of.is(value_kind::tuple) ? value::tuple(std::move(out)) : value(std::move(out));
    std::string joined;
    for (const value &c : out)
        joined += c.text();
    m.bytes(joined.size());
    return joined;
}

value attribute_of(const value &of, const std::string &name, std::string &missing) {
    if (defined(of).is(value_kind::dict)) {
        if (const value *found = of.entries().find(name))
            return *found;
        missing = (of.entries().is_namespace ? "the namespace has no \"" : "the dict has no key \"") + name + "\"";
    } else if (of.is(value_kind::relation)) {
        const relation &r = of.table();
        if (name == "schema")
            return r.schema;
        if (name == "name" || name == "identifier" || name == "table")
            return r.identifier;
        if (name == "database")
            return r.database;
        missing = "a relation has no \"" + name + "\"";
    } else if (value found; of.is(value_kind::opaque) && of.object()->attribute(name, found)) {
        return found;
    } else if (of.is_group() && (name == "grouper" || name == "list")) {
        return of.items()[name == "list"];
    } else {
        missing = std::string(of.type_name()) + " has no attribute \"" + name + "\"";
    }
    return value::nothing();
}

namespace {

value copied_at(const value &v, int depth, meter &m) {
    m.steps(1);
    if (depth > 64)
        throw complaint{"lists and dicts are nested too deeply", ""};
    if (v.is_sequence()) {
        m.bytes(v.items().size() * value_size);
        list out;
        for (const value &one : v.items())
            out.push_back(copied_at(one, depth + 1, m));
        return v.is(value_kind::tuple) ? value::tuple(std::move(out)) : value(std::move(out));
    }
    if (v.is(value_kind::dict)) {
        dict out;
        for (const auto &[key, one] : v.entries().entries())
            out.set(key, copied_at(one, depth + 1, m), m);
        return value(std::move(out));
    }
    return v;
}

} // namespace

value copied(const value &v, meter &m) { return copied_at(v, 0, m); }

} // namespace barometre::jinja
