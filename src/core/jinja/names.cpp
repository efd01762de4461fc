#include "core/jinja/evaluate.h"
#include "core/name/nearest.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

const std::vector<std::string> functions = {
    "ref",        "source", "config",   "var",      "is_incremental", "env_var", "range",      "dict",
    "namespace",  "return", "log",      "doc",      "print",          "zip",     "zip_strict", "set",
    "set_strict", "tojson", "fromjson", "fromyaml", "local_md5",      "cycler",  "joiner"};
const std::vector<std::string> modules = {"exceptions", "adapter", "api", "builtins", "modules"};

/// What is called in dbt, and refused here unless it is overridden.
const std::vector<std::string> refused_functions = {"run_query", "statement", "load_result"};
/// What dbt knows, and what to do instead.
const std::map<std::string, std::string> refused = {
    {"run_query", no_sql_in_templates},
    {"statement", no_sql_in_templates},
    {"load_result", no_sql_in_templates},
    {"graph", "Use ref() and source(); SELECT * FROM baro_ls() shows the graph."},
    {"model", "Only a model has one."},
    {"run_started_at", "Use now() in SQL."},
    {"invocation_id", "barometre.report numbers the runs."},
    {"selected_resources", ""},
    {"schema", "Use target.schema or this.schema."},
    {"database", "Use current_database() in SQL."},
};

value opaque_value(std::shared_ptr<const opaque> o) { return value(std::move(o)); }

bool contains(const std::vector<std::string> &list, const std::string &name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// Whether a branch of `n` sets the name, in no loop or macro of its own.
bool sets(const node &n, const std::string &name) {
    if (n.what == node::kind::set)
        return contains(n.names, name);
    if (n.what != node::kind::block && n.what != node::kind::choice)
        return false;
    return std::any_of(n.kids.begin(), n.kids.end(), [&](const node &kid) { return sets(kid, name); });
}

/// Whether `use` is below `n`, after so many nodes; `set`: its name is set in one of the blocks that it is in.
bool leads_to(const node &n, const node &use, std::size_t &seen, bool &set) {
    ++seen;
    if (&n == &use)
        return true;
    for (const node &kid : n.kids)
        if (leads_to(kid, use, seen, set)) {
            set = set || sets(n, use.text);
            return true;
        }
    return false;
}

} // namespace

const std::vector<std::string> &given_names() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> out = functions;
        out.insert(out.end(), modules.begin(), modules.end());
        out.insert(out.end(), {"this", "target", "loop"});
        return out;
    }();
    return all;
}

bool is_reserved(const std::string &name) {
    return contains(modules, name) || name == "this" || name == "target" || name == "loop" || name == "return" ||
           name == "caller" || name == "varargs" || name == "kwargs";
}

/// Once for all calls: which macros the overrides mean.
void evaluator::take_overrides() {
    if (calls_.macros)
        for (const auto &[name, v] : calls_.overrides)
            if (const auto *macro = calls_.macros->find(name, calls_.package))
                macro_overrides_[macro->of] = &v;
}

bool can_be_overridden(const std::string &name, const callbacks &context) {
    const std::string prefix = std::string(dbt_package) + ".",
                      bare = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
    return contains(functions, bare) || contains(refused_functions, bare) || refused.count(bare) ||
           (context.macros && context.macros->find(name, context.package));
}

const value *evaluator::overridden(const std::string &name) const {
    for (const std::string &key : {name, std::string(dbt_package) + "." + name})
        if (auto found = calls_.overrides.find(key); found != calls_.overrides.end())
            return &found->second;
    return nullptr;
}

const value *evaluator::variable(const std::string &name) const {
    for (std::size_t i = frames_.size(); i-- > 0;) {
        if (auto found = frames_[i].names.find(name); found != frames_[i].names.end())
            return &found->second;
        if (frames_[i].closed) {
            if (frames_[i].around)
                if (auto found = frames_[i].around->names.find(name); found != frames_[i].around->names.end())
                    return &found->second;
            auto outer = frames_.front().names.find(name);
            return frames_[i].sees_template && outer != frames_.front().names.end() ? &outer->second : nullptr;
        }
    }
    return nullptr;
}

value evaluator::name(const node &n) {
    if (const value *found = variable(n.text))
        return *found;
    if (calls_.macros)
        if (const auto *macro = calls_.macros->find(n.text, package()))
            return opaque_value(std::make_shared<macro_object>(macro->of, macro->package));
    if (!calls_.overrides.empty())
        if (const value *instead = overridden(n.text)) {
            if (contains(functions, n.text) || contains(refused_functions, n.text))
                return opaque_value(std::make_shared<function_object>(n.text));
            return copied(*instead, meter_);
        }
    if (contains(functions, n.text))
        return opaque_value(std::make_shared<function_object>(n.text));
    if (contains(modules, n.text))
        return opaque_value(std::make_shared<module_object>(n.text));
    if (calls_.macros && calls_.macros->has_package(n.text))
        return opaque_value(std::make_shared<package_object>(n.text));
    if (n.text == "flags") {
        dict flags;
        flags.set("FULL_REFRESH", calls_.full_refresh);
        flags.set("WHICH", "run");
        return flags;
    }
    if (calls_.global)
        if (const auto found = calls_.global(n.text))
            return copied(*found, meter_);
    if (n.text == "execute") {
        calls_.asked_execute = true;
        return calls_.execute;
    }
    if (n.text == "this" && calls_.self)
        return *calls_.self;
    if (n.text == "target") {
        dict target;
        meter_.bytes(32 * sizeof(value));
        for (const auto &[key, text] : calls_.target)
            target.set(key, text);
        return target;
    }
    return unknown(n);
}

/// Whether a branch that was not taken sets the name: then it is empty, as macros of packages count on.
bool evaluator::is_set_elsewhere(const node &n) {
    const node *whole = running_.empty() ? whole_ : running_.back()->of;
    std::size_t seen = 0;
    bool set = false;
    const bool found = whole && leads_to(*whole, n, seen, set);
    meter_.steps(2 * seen);
    return found && set;
}

value evaluator::unknown(const node &n) {
    if (auto found = refused.find(n.text); found != refused.end()) {
        calls_.met_refusal = true;
        throw complaint{"\"" + n.text + "\" is not available in templates", found->second};
    }
    if (n.text == "this")
        return missing(n.at, "\"this\" is not known here", "Only a model has a table of its own.");
    if (calls_.macros && calls_.macros->lacks_package(n.text))
        return missing(n.at, "package \"" + n.text + "\" is not installed",
                       "Run dbt deps, or copy the macro into the project's macros and call it without the prefix.");
    if (quiet_)
        return missing(n.at, "\"" + n.text + "\" is not known here");
    if (is_set_elsewhere(n))
        return value("");
    std::vector<std::string> known = given_names();
    for (auto f = frames_.rbegin(); f != frames_.rend(); ++f) {
        for (const auto &one : f->names)
            known.push_back(one.first);
        if (f->closed)
            break;
    }
    if (calls_.macros)
        for (const std::string &macro : calls_.macros->names())
            known.push_back(macro);
    meter_.steps(known.size() * (n.text.size() + 8));
    const std::string near = name::nearest(n.text, known);
    return missing(n.at, "\"" + n.text + "\" is not known here",
                   near.empty() ? "Known are ref, source, config, var, this, target, is_incremental, what {% set %} "
                                  "sets, and the macros of the project."
                                : "Did you mean \"" + near + "\"?");
}

value evaluator::attribute(const node &n) {
    const value of = sure(n.kids[0]);
    if (of.is(value_kind::opaque)) {
        if (const auto *l = dynamic_cast<const loop_object *>(of.object().get()))
            return loop_attribute(n, *l);
        if (const auto *made = dynamic_cast<const made_object *>(of.object().get()))
            if (const value found = made->attribute(n.text); !found.is(value_kind::undefined))
                return found;
        if (of.object()->name == "builtins" && contains(functions, n.text))
            return opaque_value(std::make_shared<function_object>(n.text));
        if (dynamic_cast<const package_object *>(of.object().get())) {
            const std::string whole = of.object()->name + "." + n.text;
            if (quiet_ && !calls_.macros->find(whole) && !calls_.macros->find(n.text))
                return missing(n.at, "\"" + whole + "\" is not known here");
            const auto *macro = macro_of(of.object()->name, n.text);
            return opaque_value(std::make_shared<macro_object>(macro->of, macro->package));
        }
        if (of.object()->name.starts_with("modules")) // of Python: refused where they are called
            return opaque_value(std::make_shared<module_object>(of.object()->name + "." + n.text));
        if (of.object()->name == "api" && (n.text == "Relation" || n.text == "Column"))
            return opaque_value(std::make_shared<module_object>("api." + n.text));
        if (!of.object()->is_data())
            throw complaint{"\"" + of.object()->name + "\" has no attribute \"" + n.text + "\"", ""};
    }
    if (has_method(of, n.text))
        throw complaint{"the method \"" + n.text + "\" is not called",
                        of.is(value_kind::dict) ? "Write " + n.text + "(), or ['" + n.text + "'] for the key."
                                                : "Write " + n.text + "()."};
    std::string why;
    const value found = attribute_of(of, n.text, why);
    if (why.empty())
        return found;
    if (quiet_)
        return missing(n.at, why);
    std::vector<std::string> known;
    if (of.is(value_kind::dict))
        for (const auto &entry : of.entries().entries())
            if (entry.first.is(value_kind::string))
                known.push_back(entry.first.text());
    if (of.is(value_kind::relation))
        known = {"schema", "name", "identifier", "database", "table"};
    meter_.steps(known.size() * (n.text.size() + 8));
    const std::string near = name::nearest(n.text, known);
    return missing(n.at, why, near.empty() ? "" : "Did you mean \"" + near + "\"?");
}

const std::string &evaluator::package() const { return running_.empty() ? calls_.package : running_.back()->package; }

/// A macro of a package, or one of the project's own that stands in for it. Throws when there is neither.
const macro_library::macro *evaluator::macro_of(const std::string &package, const std::string &name) const {
    for (const std::string &called : {package + "." + name, name})
        if (const auto *found = calls_.macros->find(called))
            return found;
    std::vector<std::string> known = calls_.macros->names(package);
    const std::string near = name::nearest(name, known);
    throw complaint{"\"" + package + "." + name + "\" is not known here",
                    near.empty() ? "Copy the macro into the project's macros: one of that name counts too."
                                 : "Did you mean \"" + near + "\"?"};
}

value evaluator::call(const node &n) {
    const node &callee = n.kids[0];
    if (callee.what == node::kind::attribute) {
        const value of = sure(callee.kids[0]);
        parameters p = arguments(n, callee.text);
        if (running_.empty())
            calls_.line = n.at.line;
        try {
            if (of.is(value_kind::opaque) && dynamic_cast<const package_object *>(of.object().get())) {
                const auto *macro = macro_of(of.object()->name, callee.text);
                return run_macro(macro_object(macro->of, macro->package), p, n.at);
            }
            if (of.is(value_kind::opaque))
                if (const auto *l = dynamic_cast<const loop_object *>(of.object().get()))
                    return loop_method(*l, callee.text, p);
            if (of.is(value_kind::opaque))
                if (const auto *made = dynamic_cast<const made_object *>(of.object().get()))
                    return made->call(callee.text, p, meter_);
            if (of.is(value_kind::opaque) && !of.object()->is_data())
                return call_module(of.object()->name, callee.text, p);
            if (of.is(value_kind::dict) && !has_method(of, callee.text))
                if (const value *held = of.entries().find(callee.text); held && held->is(value_kind::opaque))
                    if (const auto *macro = dynamic_cast<const macro_object *>(held->object().get()))
                        return run_macro(*macro, p, callee.at);
            return method(of, callee.text, p, meter_);
        } catch (const complaint &c) {
            fail(of.is(value_kind::opaque) ? n.at : callee.at, c.message, c.hint);
        }
    }
    const value what = sure(callee);
    if (!what.is(value_kind::opaque) || dynamic_cast<const module_object *>(what.object().get()) ||
        dynamic_cast<const package_object *>(what.object().get()) || what.object()->is_data())
        throw complaint{callee.what == node::kind::name
                            ? "\"" + callee.text + "\" can't be called: it is no function or macro"
                            : "this can't be called: it is no function or macro",
                        ""};
    parameters p = arguments(n, what.object()->name);
    if (running_.empty())
        calls_.line = n.at.line;
    if (const auto *macro = dynamic_cast<const macro_object *>(what.object().get()))
        return run_macro(*macro, p, n.at);
    if (const auto *l = dynamic_cast<const loop_object *>(what.object().get()))
        return loop_again(*l, p);
    if (const auto *made = dynamic_cast<const made_object *>(what.object().get()))
        return made->call("", p, meter_);
    return call_function(what.object()->name, p);
}

} // namespace barometre::jinja
