#include "core/jinja/operators.h"
#include "core/name/nearest.h"
#include "core/python/text.h"

#include <cmath>
#include <cstdio>
#include <map>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

/// One % of Python's: flags, width, precision and a letter.
std::string one_format(const std::string &flags, const std::string &width, const std::string &precision, char letter,
                       const value &v, meter &m) {
    defined(v);
    const int columns = width.empty() ? 0 : std::stoi(width), digits = precision.empty() ? -1 : std::stoi(precision);
    const bool whole = letter == 'd' || letter == 'i', real = letter == 'f' || letter == 'e' || letter == 'g';
    char buffer[1024];
    std::string form = "%" + flags;
    if ((whole || real) && !v.is_number())
        throw complaint{std::string("\"%") + letter + "\" takes a number, not " + v.type_name(), ""};
    if (whole) {
        const double d = v.is_whole() ? 0 : v.real();
        if (!(std::fabs(d) < 9.2e18))
            throw complaint{"the number is too large for an integer", ""};
        const long long i = v.is_whole() ? v.integer() : static_cast<std::int64_t>(d);
        form += digits < 0 ? "*lld" : "*.*lld";
        if (digits < 0)
            std::snprintf(buffer, sizeof buffer, form.c_str(), columns, i);
        else
            std::snprintf(buffer, sizeof buffer, form.c_str(), columns, digits, i);
        return buffer;
    }
    if (real) {
        form += std::string("*.*") + letter;
        std::snprintf(buffer, sizeof buffer, form.c_str(), columns, digits < 0 ? 6 : digits, v.real());
        return buffer;
    }
    std::string out = letter == 'r' ? repr(v, m) : printed(v, m);
    if (digits >= 0) {
        std::string shorter;
        std::size_t at = 0;
        for (int i = 0; i < digits && at < out.size(); ++i)
            python::next(out, at);
        out.resize(at);
    }
    const std::size_t size = python::length(out);
    if (const std::size_t wanted = static_cast<std::size_t>(columns); size < wanted)
        flags.find('-') != std::string::npos ? out.append(wanted - size, ' ') : out.insert(0, wanted - size, ' ');
    return out;
}

} // namespace

std::string formatted(const std::string &form, const list &with, meter &m) {
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != '%') {
            out += form[i];
            continue;
        }
        ++i;
        auto some = [&](const char *of) {
            const std::size_t from = i;
            while (i < form.size() && std::string_view(of).find(form[i]) != std::string_view::npos)
                ++i;
            return form.substr(from, i - from);
        };
        const std::string flags = some("-+ 0"), width = some("0123456789");
        std::string precision;
        if (i < form.size() && form[i] == '.') {
            ++i;
            precision = some("0123456789");
            precision = precision.empty() ? "0" : precision;
        }
        const char letter = i < form.size() ? form[i] : '\0';
        if (letter == '%') {
            out += '%';
            continue;
        }
        if (!letter || std::string_view("sdirfeg").find(letter) == std::string_view::npos || width.size() > 3 ||
            precision.size() > 2 || flags.size() > 4)
            throw complaint{"the text to be formatted has a \"%\" that is not known",
                            "Known are %s, %r, %d, %i, %f, %e and %g; \"%%\" is the character itself."};
        if (next >= with.size())
            throw complaint{"there are fewer values than the text to be formatted has \"%\"", ""};
        out += one_format(flags, width, precision, letter, with[next++], m);
        m.steps(1);
        m.bytes(width.size() + 16);
    }
    if (next < with.size() && !(with.size() == 1 && with.front().is(value_kind::dict)))
        throw complaint{"there are more values than the text to be formatted has \"%\"", ""};
    m.bytes(out.size());
    return out;
}

bool test(const std::string &name, const value &v, parameters &p, meter &m) {
    static const std::map<std::string, std::string> comparisons = {
        {"eq", "=="}, {"equalto", "=="}, {"ne", "!="},         {"lt", "<"},  {"lessthan", "<"},
        {"le", "<="}, {"gt", ">"},       {"greaterthan", ">"}, {"ge", ">="}, {"in", "in"}};
    static const std::vector<std::string> plain = {"defined", "undefined", "none", "string", "number",   "integer",
                                                   "float",   "boolean",   "true", "false",  "iterable", "sequence",
                                                   "mapping", "callable",  "odd",  "even",   "lower",    "upper"};
    if (auto sign = comparisons.find(name); sign != comparisons.end()) {
        const value &other = p.required(0, "other");
        p.finish();
        return compare(sign->second, v, other, m);
    }
    if (name == "sameas") { // true, false and none are what it is used with
        const value &other = p.required(0, "other");
        p.finish();
        return v.type() == other.type() && equal(v, other, m);
    }
    if (name == "divisibleby" || name == "odd" || name == "even") {
        const value by = name == "divisibleby" ? p.required(0, "num") : value(2);
        p.finish();
        return compare("==", operate("%", v, by, m), name == "odd" ? 1 : 0, m);
    }
    p.finish();
    if (name == "defined" || name == "undefined")
        return v.is(value_kind::undefined) == (name == "undefined");
    defined(v);
    if (name == "none")
        return v.is(value_kind::none);
    if (name == "string")
        return v.is(value_kind::string);
    if (name == "number")
        return v.is_number();
    if (name == "integer")
        return v.is(value_kind::integer);
    if (name == "float")
        return v.is(value_kind::real);
    if (name == "boolean")
        return v.is(value_kind::boolean);
    if (name == "true" || name == "false")
        return v.is(value_kind::boolean) && v.boolean() == (name == "true");
    if (name == "iterable" || name == "sequence")
        return v.is_sequence() || v.is(value_kind::string) || v.is(value_kind::dict);
    if (name == "mapping")
        return v.is(value_kind::dict);
    if (name == "callable")
        return v.is(value_kind::opaque) && !v.object()->is_data();
    if (name == "lower" || name == "upper") {
        const std::string s = printed(v, m), other = name == "lower" ? python::upper(s) : python::lower(s);
        m.bytes(2 * s.size());
        return s == (name == "lower" ? python::lower(s) : python::upper(s)) && s != other;
    }
    const std::string near = name::nearest(name, plain);
    throw complaint{"there is no test \"" + name + "\"", near.empty() ? "" : "Did you mean \"" + near + "\"?"};
}

} // namespace barometre::jinja
