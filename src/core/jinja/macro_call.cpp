#include "core/jinja/evaluate.h"

#include <algorithm>

namespace barometre::jinja {

parameters evaluator::arguments(const node &n, const std::string &function) {
    list positional;
    std::vector<std::pair<std::string, value>> named;
    if (!callers_.empty() && callers_.back().first == &n)
        named.emplace_back("caller", callers_.back().second);
    for (std::size_t i = 0; i < n.names.size(); ++i) {
        value given = evaluate(n.kids[i + 1]);
        if (n.names[i].empty()) {
            positional.push_back(std::move(given));
        } else if (n.names[i] == "*") {
            const list more = items_of(given, meter_);
            positional.insert(positional.end(), more.begin(), more.end());
        } else if (n.names[i] == "**") {
            if (!defined(given).is(value::kind::dict))
                throw complaint{std::string("\"**\" takes a dict, not ") + given.type_name(), ""};
            meter_.bytes(given.entries().entries().size() * 4 * sizeof(value));
            for (const auto &[key, v] : given.entries().entries()) {
                if (!key.is(value::kind::string))
                    throw complaint{std::string("the name of an argument can't be ") + key.type_name(), ""};
                meter_.steps(named.size() / 8 + 1);
                const std::string &keyword = key.text();
                if (std::any_of(named.begin(), named.end(), [&](const auto &one) { return one.first == keyword; }))
                    throw complaint{"\"" + function + "\" gets its argument \"" + keyword + "\" twice", ""};
                named.emplace_back(keyword, v);
            }
        } else {
            named.emplace_back(n.names[i], std::move(given));
        }
    }
    return parameters(function, std::move(positional), std::move(named));
}

/// A macro that is come to, with what it sees of the blocks around it. What the template has at its top is looked up
/// when the macro runs, since that may change until then.
std::shared_ptr<const macro_object> evaluator::macro_here(const node &n) {
    variables around;
    bool sees_template = true;
    for (std::size_t i = frames_.size(); i-- > 1;) {
        around.insert(frames_[i].names.begin(), frames_[i].names.end());
        if (!frames_[i].closed)
            continue;
        if (frames_[i].around)
            around.insert(frames_[i].around->names.begin(), frames_[i].around->names.end());
        sees_template = frames_[i].sees_template;
        break;
    }
    auto made = std::make_shared<macro_object>(&n, package(), sees_template);
    if (!around.empty()) {
        meter_.bytes(around.size() * 4 * sizeof(value));
        surroundings kept;
        kept.names = std::move(around);
        made->around = container::make(std::move(kept));
    }
    return made;
}

value evaluator::run_macro(const macro_object &m, parameters &p, const position &at) {
    const node &macro = *m.of;
    if (const auto instead = macro_overrides_.find(m.of); instead != macro_overrides_.end())
        return copied(*instead->second, meter_);
    frame own;
    own.closed = true;
    own.sees_template = m.of_template;
    own.around = m.around;
    const std::size_t first_default = macro.names.size() - (macro.kids.size() - 1);
    std::vector<std::size_t> left; // arguments that were not given
    for (std::size_t i = 0; i < macro.names.size(); ++i) {
        const std::string &name = macro.names[i];
        if (const value *given = p.get(i, name.c_str())) // what is not there counts as left out, too
            own.names[name] = given->is(value::kind::undefined) && given->why_undefined()
                                  ? value::left_out(*given->why_undefined())
                                  : *given;
        else { // a default doesn't see what is called so outside
            own.names[name] =
                value::left_out(whole_error(at, "\"" + macro.text + "\" lacks its argument \"" + name + "\""));
            if (i >= first_default)
                left.push_back(i);
        }
    }
    const std::int64_t uses = macro.fixed.integer();
    if ((uses & node::caller) && !own.names.count("caller")) {
        const value *given = p.named("caller");
        own.names["caller"] = given ? *given
                                    : value::left_out(whole_error(
                                          at, "\"" + macro.text + "\" is not called by {% call %}, and has no caller"));
    }
    if (uses & node::varargs)
        own.names["varargs"] = value::tuple(p.rest(macro.names.size()));
    if (uses & node::kwargs) {
        dict others;
        for (auto &[keyword, v] : p.others())
            others.set(keyword, v, meter_);
        own.names["kwargs"] = value(std::move(others));
    }
    p.finish();
    struct call_of {
        evaluator &e;
        call_of(evaluator &e, frame own, const macro_object &m) : e(e) {
            e.frames_.push_back(std::move(own));
            e.running_.push_back(&m);
        }
        ~call_of() {
            e.frames_.pop_back();
            e.running_.pop_back();
        }
    };
    if (running_.size() >= 50)
        fail(at, "macros call each other too deeply",
             "The innermost are \"" + running_.back()->name + "\" and \"" + macro.text + "\".");
    const std::size_t frames = frames_.size();
    const call_of running(*this, std::move(own), m);
    for (const std::size_t i : left) {
        value v = evaluate(macro.kids[1 + i - first_default]);
        frames_[frames].names[macro.names[i]] = std::move(v);
    }
    try {
        return captured(macro.kids[0], running_.size() == 1 ? macro_lines_ : nullptr);
    } catch (const returned &r) {
        // As in dbt, in a {% call %} it ends the macro that asks for the block.
        if (macro.text == "caller" && running_.size() > 1)
            throw;
        return r.what;
    }
}

} // namespace barometre::jinja
