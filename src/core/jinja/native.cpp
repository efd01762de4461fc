#include "core/jinja/ast.h"
#include "core/jinja/filters.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using node_kind = node::kind;
using value_kind = value::kind;

/// What is a literal, with all that is in it; nothing() where it is none.
value literal(const node &n) {
    if (n.what == node_kind::constant)
        return n.fixed;
    if (n.what == node_kind::negative || n.what == node_kind::positive) {
        const value of = literal(n.kids[0]);
        if (!of.is(value_kind::integer) && !of.is(value_kind::real))
            return value::nothing();
        return n.what == node_kind::negative ? negative(of) : of;
    }
    if (n.what != node_kind::list && n.what != node_kind::tuple && n.what != node_kind::dict)
        return value::nothing();
    list items;
    for (const node &kid : n.kids) {
        items.push_back(literal(kid));
        if (items.back().is(value_kind::undefined))
            return items.back();
    }
    if (n.what != node_kind::dict)
        return n.what == node_kind::list ? value(std::move(items)) : value::tuple(std::move(items));
    dict out;
    for (std::size_t i = 0; i < items.size(); i += 2)
        out.set(items[i], items[i + 1]);
    return out;
}

/// A text as a literal of Python; nothing() where it is none.
value evaluated(const std::string &text) {
    try {
        const parsed whole = parse("{{ " + text + " }}", "");
        const std::vector<node> &all = whole.root.kids;
        return all.size() == 1 && all[0].what == node_kind::print ? literal(all[0].kids[0]) : value::nothing();
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return value::nothing();
    }
}

} // namespace

value native(const std::string &name, const value &v, meter &m) {
    if (name == "as_text")
        return printed(v, m);
    const std::string text = printed(v, m);
    m.steps(text.size());
    m.bytes(text.size() * bytes_of_parsed);
    const value found = v.is(value_kind::string) ? evaluated(text) : v;
    if (name == "as_native")
        return found.is(value_kind::undefined) ? v : found;
    const bool fits =
        name == "as_bool" ? found.is(value_kind::boolean) : found.is(value_kind::integer) || found.is(value_kind::real);
    if (!fits)
        throw complaint{"\"" + name + "\" takes what is a " + (name == "as_bool" ? "boolean" : "number") +
                            ", and not " + (v.is(value_kind::string) ? "such a text" : v.type_name()),
                        name == "as_bool" ? "Of texts these are True and False." : "For example: 1, -2.5."};
    return found;
}

} // namespace barometre::jinja
