#include "core/project/generic_test.h"
#include "core/error.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <algorithm>
#include <utility>

namespace barometre::project {

namespace {

using jinja::value;

/// The call that a text is as a whole, as arguments of tests may have it without braces: "ref('x')". Empty: none.
std::string call_in(const std::string &text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
    if (first == std::string::npos)
        return "";
    const std::string whole = text.substr(first, last + 1 - first);
    for (const std::string function : {"ref", "source", "var"})
        if (whole.starts_with(function) && whole.ends_with(')')) {
            const std::size_t open = whole.find_first_not_of(" \t", function.size());
            return whole[open] == '(' ? whole : "";
        }
    return "";
}

value rendered_value(const value &v, const place &at, jinja::callbacks &calls) {
    if (v.is_sequence()) {
        jinja::list out;
        for (const value &one : v.items())
            out.push_back(rendered_value(one, at, calls));
        return out;
    }
    if (v.is(value::kind::dict)) {
        jinja::dict out;
        for (const auto &[key, one] : v.entries().entries())
            out.set(key, rendered_value(one, at, calls));
        return out;
    }
    if (!v.is(value::kind::string))
        return v;
    const std::string call = call_in(v.text());
    return native_value(call.empty() ? v.text() : "{{ " + call + " }}", at, calls);
}

/// A node by its name: x, or tap.stream.
jinja::relation relation_named(const std::string &node, jinja::callbacks &calls) {
    const std::size_t dot = node.find('.');
    return dot == std::string::npos ? calls.ref(node) : calls.source(node.substr(0, dot), node.substr(dot + 1));
}

} // namespace

std::map<std::string, value> render_arguments(const generic_test &t, jinja::callbacks &calls) {
    std::map<std::string, value> out;
    for (const auto &[key, given] : t.arguments) {
        value &made = out[key] = rendered_value(given, t.at, calls);
        if (t.macro.empty() && t.test == "relationships" && key == "to" && made.is(value::kind::string))
            made = relation_named(made.text(), calls);
    }
    return out;
}

std::string render_fail_calc(const generic_test &t, jinja::callbacks &calls) {
    return rendered_text(t.config.fail_calc, t.at, calls);
}

std::string render_where(const generic_test &t, jinja::callbacks &calls) {
    return rendered_text(t.config.where, t.at, calls);
}

jinja::rendered render_query(const generic_test &t, const jinja::relation &model, const std::string &column,
                             jinja::callbacks &calls) {
    std::map<std::string, value> named = render_arguments(t, calls);
    named["model"] = model;
    if (!column.empty())
        named["column_name"] = column;
    try {
        return jinja::render_macro(t.macro, named, calls);
    } catch (error &e) {
        text::append(e.detail, "It is test \"" + t.test + "\" of " + t.at.text() + ".", " ");
        throw;
    }
}

jinja::references find_test_references(const generic_test &t, const jinja::callbacks &context) {
    return jinja::find_references(
        [&](jinja::callbacks &calls) {
            render_where(t, calls);
            render_fail_calc(t, calls);
            if (t.macro.empty())
                render_arguments(t, calls);
            else
                render_query(t, jinja::relation(std::string("model")), t.column, calls);
        },
        context);
}

} // namespace barometre::project
