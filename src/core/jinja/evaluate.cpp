#include "core/jinja/evaluate.h"
#include "core/jinja/filters.h"
#include "core/name/nearest.h"
#include "core/python/text.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using node_kind = node::kind;
constexpr int deepest_evaluation = 400; ///< of evaluation, macros and all; a level takes about a kilobyte of stack

} // namespace

void output::add(const std::string &more, int line, bool line_by_line) {
    text += more;
    if (!with_lines_)
        return;
    for (const char c : more) {
        // A line is that of its first character that can be seen.
        if (blank_ && c != '\n') {
            lines_.back() = line;
            blank_ = python::is_space(c);
        }
        if (c == '\n') {
            line += line_by_line;
            lines_.push_back(line);
            blank_ = true;
        }
    }
}

evaluator::level::level(evaluator &e, const position &at) : e_(e) {
    if (e.level_ >= deepest_evaluation)
        fail(at, "the template is nested too deeply",
             e.running_.empty() ? "Use {% set %} for parts of it."
                                : "Macros that call each other must come to an end.");
    ++e.level_;
}

evaluator::evaluator(callbacks &calls)
    : calls_(calls), meter_(calls.limits.bytes, calls.limits.steps, *calls.spending) {
    frames_.emplace_back();
    if (!calls_.overrides.empty())
        take_overrides();
}

void evaluator::take_names(const position &at) {
    try {
        for (const auto &[name, v] : calls_.names)
            frames_.back().names[name] = copied(v, meter_);
    } catch (const complaint &c) {
        fail(at, c.message, c.hint);
    }
}

rendered evaluator::run(const parsed &whole) {
    take_names(whole.root.at);
    whole_ = &whole.root;
    output out(true);
    out_ = &out;
    try {
        block(whole.root);
    } catch (error &e) {
        if (!e.is_intervention() && calls_.line > 0 && !e.message.starts_with(*whole.root.at.file))
            text::append(e.detail,
                         "It is called in " + *whole.root.at.file + ", line " + std::to_string(calls_.line) + ".", " ");
        throw;
    }
    return {std::move(out.text), std::move(out).lines()};
}

rendered evaluator::call_macro(const std::string &name, const std::map<std::string, value> &named) {
    const macro_library::macro *macro = calls_.macros ? calls_.macros->find(name) : nullptr;
    if (!macro)
        throw error(sqlstate::project_invalid, "there is no macro \"" + name + "\"");
    const node *found = macro->of;
    take_names(found->at);
    output out(true);
    out_ = &out;
    std::vector<int> lines; // none when the macro ends by return()
    macro_lines_ = &lines;
    parameters p(name, {}, {named.begin(), named.end()});
    try {
        write(printed(run_macro(macro_object(found, macro->package), p, found->at), meter_), found->at, false);
    } catch (const complaint &c) {
        fail(found->at, c.message, c.hint);
    }
    if (!lines.empty())
        return {std::move(out.text), std::move(lines)};
    return {std::move(out.text), std::move(out).lines()};
}

void evaluator::write(const std::string &text, const position &at, bool line_by_line) {
    meter_.bytes(text.size());
    if (out_->text.size() + text.size() > calls_.limits.output)
        throw complaint{"the template makes too much text", "Its loops or macros may be larger than meant."};
    out_->add(text, at.line, line_by_line);
}

void evaluator::block(const node &n) {
    const level deeper(*this, n.at);
    for (const node &kid : n.kids) {
        try {
            statement(kid);
        } catch (const complaint &c) {
            fail(kid.at, c.message, c.hint);
        }
    }
}

void evaluator::statement(const node &n) {
    meter_.steps(1);
    if (running_.empty())
        calls_.line = n.at.line;
    switch (n.what) {
    case node_kind::data:
        return write(n.text, n.at, true);
    case node_kind::print:
        return write(printed(evaluate(n.kids[0]), meter_), n.at, false);
    case node_kind::act:
        sure(n.kids[0]);
        return;
    case node_kind::choice:
        for (std::size_t i = 0; i < n.kids.size(); i += 2) {
            if (i + 1 == n.kids.size())
                return block(n.kids[i]);
            if (is_true(evaluate(n.kids[i])))
                return block(n.kids[i + 1]);
        }
        return;
    case node_kind::loop:
        return loop(n);
    case node_kind::macro: {
        if (is_reserved(n.text))
            throw complaint{"the macro \"" + n.text + "\" has the name of something else", "Rename it."};
        frames_.back().names[n.text] = value(std::shared_ptr<const opaque>(macro_here(n)));
        return;
    }
    case node_kind::call_block:
        return call_block(n);
    case node_kind::with:
        return with(n);
    case node_kind::leave:
        meter_.steps(20); // it costs more than others
        throw left_round{n.text == "break"};
    case node_kind::unsupported:
        calls_.met_refusal = true;
        fail(n.at, n.text, n.fixed.text());
    default:
        set(n);
    }
}

std::string evaluator::captured(const std::function<void()> &work, std::vector<int> *lines) {
    output inner(lines != nullptr);
    output *outer = out_;
    out_ = &inner;
    try {
        work();
    } catch (...) {
        out_ = outer;
        throw;
    }
    out_ = outer;
    std::string text = std::move(inner.text);
    if (lines)
        *lines = std::move(inner).lines();
    return text;
}

void evaluator::set(const node &n) { assign(n.names, evaluate(n.kids[0]), n.at); }

void evaluator::assign(const std::vector<std::string> &names, const value &v, const position &at) {
    std::size_t next = 0;
    assign_parts(names, next, v, at);
}

void evaluator::assign_parts(const std::vector<std::string> &names, std::size_t &next, const value &v,
                             const position &at) {
    const std::string &name = names[next++];
    if (name == "(") {
        const list parts = items_of(v, meter_);
        std::size_t count = 0, given = 0;
        int depth = 0;
        for (std::size_t i = next; depth >= 0; ++i) { // how many names there are
            count += depth == 0 && names[i] != ")";
            depth += names[i] == "(" ? 1 : names[i] == ")" ? -1 : 0;
        }
        if (parts.size() != count)
            fail(at, (count == 1 ? "there is 1 name, but " : "there are " + std::to_string(count) + " names, but ") +
                         std::to_string(parts.size()) + (parts.size() == 1 ? " value" : " values"));
        while (names[next] != ")")
            assign_parts(names, next, parts[given++], at);
        ++next;
        return;
    }
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) {
        frames_.back().names[name] = v;
        return;
    }
    const value *holder = variable(name.substr(0, dot));
    if (!holder || !holder->is(value::kind::dict) || !holder->entries().is_namespace)
        throw complaint{"\"" + name.substr(0, dot) + "\" is no namespace",
                        "Only attributes of a namespace() can be set; a dict has update()."};
    const value kept = *holder;
    meter_.changed(kept, v);
    kept.entries().set(name.substr(dot + 1), v, meter_);
}

void evaluator::call_block(const node &n) {
    struct given {
        std::vector<std::pair<const node *, value>> &callers;
        ~given() { callers.pop_back(); }
    };
    callers_.emplace_back(&n.kids[0], value(std::shared_ptr<const opaque>(macro_here(n.kids[1]))));
    const given caller{callers_};
    write(printed(evaluate(n.kids[0]), meter_), n.at, false);
}

void evaluator::with(const node &n) {
    list values;
    for (std::size_t i = 1; i < n.kids.size(); ++i)
        values.push_back(evaluate(n.kids[i]));
    const inner_frame names(*this);
    std::size_t next = 0;
    for (const value &v : values)
        assign_parts(n.names, next, v, n.at);
    block(n.kids[0]);
}

error evaluator::whole_error(const position &at, const std::string &message, const std::string &hint) {
    return {sqlstate::project_invalid,
            *at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + message, "", hint};
}

value evaluator::evaluate(const node &n) {
    const level deeper(*this, n.at);
    try {
        meter_.steps(1);
        return expression(n);
    } catch (const complaint &c) {
        fail(n.at, c.message, c.hint);
    }
}

value evaluator::expression(const node &n) {
    switch (n.what) {
    case node_kind::constant:
        return n.fixed;
    case node_kind::name:
        return name(n);
    case node_kind::list:
    case node_kind::tuple: {
        list items;
        meter_.bytes((n.kids.size() + 2) * sizeof(value));
        for (const node &kid : n.kids)
            items.push_back(sure_or_left_out(kid));
        return n.what == node_kind::tuple ? value::tuple(std::move(items)) : value(std::move(items));
    }
    case node_kind::dict:
        return dictionary(n);
    case node_kind::attribute:
        return attribute(n);
    case node_kind::item:
        return item(n);
    case node_kind::call:
        return call(n);
    case node_kind::filter:
        return filtered(n);
    case node_kind::test:
        return tested(n);
    case node_kind::negative:
        return negative(sure(n.kids[0]));
    case node_kind::positive:
        return operate("+", sure(n.kids[0]), 0, meter_);
    case node_kind::negation:
        return !is_true(evaluate(n.kids[0]));
    case node_kind::both:
    case node_kind::either: { // as in Python the value that decides
        value left = evaluate(n.kids[0]);
        return is_true(left) == (n.what == node_kind::either) ? left : evaluate(n.kids[1]);
    }
    case node_kind::inline_if:
        if (is_true(evaluate(n.kids[1])))
            return evaluate(n.kids[0]);
        return n.kids.size() > 2 ? evaluate(n.kids[2]) : value::nothing();
    case node_kind::comparison:
        return compared(n);
    case node_kind::operation: {
        const value left = sure(n.kids[0]), right = sure(n.kids[1]);
        return operate(n.text, left, right, meter_);
    }
    case node_kind::joined:
        return joined(n);
    case node_kind::block: {
        const inner_frame names(*this);
        return captured(n);
    }
    default:
        throw complaint{"this is not expected here", ""};
    }
}

/// An argument that was left out may be handed on, in lists and dicts too; who needs it complains.
value evaluator::sure_or_left_out(const node &n) {
    value v = evaluate(n);
    return v.is_left_out() ? v : defined(v);
}

value evaluator::dictionary(const node &n) {
    dict out;
    meter_.bytes(8 * sizeof(value));
    for (std::size_t i = 0; i < n.kids.size(); i += 2) {
        const value key = sure(n.kids[i]);
        out.set(key, sure_or_left_out(n.kids[i + 1]), meter_);
    }
    return out;
}

value evaluator::compared(const node &n) {
    value left = sure_or_left_out(n.kids[0]);
    for (std::size_t i = 0; i < n.names.size(); ++i) {
        value right = sure_or_left_out(n.kids[i + 1]);
        const std::string &sign = n.names[i];
        if (left.is_left_out() && right.is_sequence() && (sign == "in" || sign == "not in")) {
            if (sign == "in")
                return false;
        } else if ((left.is_left_out() || right.is_left_out()) && (sign == "==" || sign == "!=")) {
            if ((left.type() == right.type()) != (sign == "=="))
                return false;
        } else if (!compare(sign, left, right, meter_)) {
            return false;
        }
        left = std::move(right);
    }
    return true;
}

value evaluator::joined(const node &n) {
    std::string out;
    for (const node &kid : n.kids)
        out += printed(sure(kid), meter_);
    return out;
}

value evaluator::questioned(const node &n) {
    struct silence {
        bool &quiet, before;
        silence(bool &quiet, bool now) : quiet(quiet), before(quiet) { quiet = now; }
        ~silence() { quiet = before; }
    } silent(quiet_, n.what == node_kind::name || n.what == node_kind::attribute);
    return evaluate(n);
}

value evaluator::tested(const node &n) {
    const value of = n.text == "defined" || n.text == "undefined" ? questioned(n.kids[0]) : evaluate(n.kids[0]);
    parameters p = arguments(n, n.text);
    return test(n.text, of, p, meter_);
}

value evaluator::filtered(const node &n) {
    if (!is_filter(n.text)) {
        const std::string near = name::nearest(n.text, filter_names());
        throw complaint{"there is no filter \"" + n.text + "\"", near.empty() ? "" : "Did you mean \"" + near + "\"?"};
    }
    const value of = n.text == "default" || n.text == "d" ? questioned(n.kids[0]) : evaluate(n.kids[0]);
    parameters p = arguments(n, n.text);
    const value out = calls_.native && n.text.starts_with("as_") ? native(n.text, defined(of), meter_)
                                                                 : filter(n.text, of, p, meter_);
    if ((n.text == "first" || n.text == "last" || n.text == "min" || n.text == "max") &&
        out.is(value::kind::undefined) && !out.why_undefined())
        return missing(n.at, "there is no " + n.text + " item of what is empty");
    return out;
}

value evaluator::item(const node &n) {
    const value of = sure(n.kids[0]);
    if (n.kids[1].what == node_kind::slice) {
        const node &s = n.kids[1];
        return slice_of(of, evaluate(s.kids[0]), evaluate(s.kids[1]), evaluate(s.kids[2]), meter_);
    }
    const value index = sure(n.kids[1]);
    if (of.is(value::kind::relation) && index.is(value::kind::string)) {
        std::string why;
        const value found = attribute_of(of, index.text(), why);
        return why.empty() ? found : missing(n.kids[1].at, why);
    }
    const value found = item_of(of, index, meter_);
    if (!found.is(value::kind::undefined))
        return found;
    std::string what = repr(index, meter_);
    if (what.size() > 60)
        what.resize(60);
    return missing(n.kids[1].at, of.is(value::kind::dict) ? "the dict has no key " + what
                                                          : std::string(of.type_name()) + " has no item " + what);
}

} // namespace barometre::jinja
