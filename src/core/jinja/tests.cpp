#include "core/jinja/filters.h"
#include "core/name/nearest.h"
#include "core/python/text.h"

#include <algorithm>
#include <map>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

} // namespace

namespace {

const std::map<std::string, std::string> comparing_tests = {
    {"eq", "=="},      {"equalto", "=="},    {"==", "=="}, {"ne", "!="}, {"!=", "!="}, {"lt", "<"},
    {"lessthan", "<"}, {"<", "<"},           {"le", "<="}, {"<=", "<="}, {"gt", ">"},  {">", ">"},
    {"ge", ">="},      {"greaterthan", ">"}, {">=", ">="}, {"in", "in"}};
const std::vector<std::string> plain_tests = {"defined", "undefined", "none", "string",  "number",     "integer",
                                              "float",   "boolean",   "true", "false",   "iterable",   "sequence",
                                              "mapping", "callable",  "odd",  "even",    "lower",      "upper",
                                              "sameas",  "filter",    "test", "escaped", "divisibleby"};
/// What nothing of what was not given is.
const std::vector<std::string> of_values = {"none",    "string", "number", "integer", "float",
                                            "boolean", "true",   "false",  "mapping"};

bool is_among(const std::vector<std::string> &list, const std::string &name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

bool is_test(const std::string &name) { return comparing_tests.count(name) || is_among(plain_tests, name); }

bool test(const std::string &name, const value &v, parameters &p, meter &m) {
    if (auto sign = comparing_tests.find(name); sign != comparing_tests.end()) {
        const value &other = p.required(0, "other");
        p.finish();
        if (v.is_left_out() && (sign->second == "==" || sign->second == "!="))
            return other.is(value_kind::undefined) == (sign->second == "==");
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
    if (v.is_left_out() && is_among(of_values, name))
        return false;
    defined(v);
    if (name == "filter" || name == "test")
        return v.is(value_kind::string) && (name == "filter" ? is_filter(v.text()) : is_test(v.text()));
    if (name == "escaped") // nothing is: what comes out is SQL
        return false;
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
    const std::string near = name::nearest(name, plain_tests);
    throw complaint{"there is no test \"" + name + "\"", near.empty() ? "" : "Did you mean \"" + near + "\"?"};
}

} // namespace barometre::jinja
