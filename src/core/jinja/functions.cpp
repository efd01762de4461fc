#include "core/jinja/evaluate.h"
#include "core/name/nearest.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

} // namespace

std::string evaluator::quoted_name(parameters &p, std::size_t place, const char *keyword) {
    const value &given = defined(p.required(place, keyword));
    if (!given.is(value_kind::string) || given.text().empty())
        throw complaint{
            "\"" + p.function() + "\" takes " + (p.function() == "ref" ? "one quoted name" : "two quoted names"),
            "For example: " + std::string(p.function() == "ref" ? "ref('model')." : "source('tap', 'stream').")};
    return given.text();
}

value evaluator::call_function(const std::string &name, parameters &p) {
    if (!calls_.overrides.empty())
        if (const value *instead = overridden(name))
            return copied(*instead, meter_);
    if (name == "ref" && p.positional().size() == 2 && p.named().empty() && calls_.in_package) {
        const std::string package = quoted_name(p, 0, "package"), model = quoted_name(p, 1, "name");
        calls_.in_package(package, model);
        return value(calls_.ref(model));
    }
    if (name == "ref" || name == "source") {
        const std::size_t wanted = name == "ref" ? 1 : 2;
        if (p.positional().size() != wanted || !p.named().empty())
            throw complaint{"\"" + name + "\" takes " + (wanted == 1 ? "one quoted name" : "two quoted names"),
                            name == "ref" ? "For example: ref('model')." : "For example: source('tap', 'stream')."};
        const std::string first = quoted_name(p, 0, "name");
        return value(name == "ref" ? calls_.ref(first) : calls_.source(first, quoted_name(p, 1, "stream")));
    }
    if (name == "config")
        return configure(p);
    if (name == "var")
        return look_up(p);
    if (name == "env_var")
        return look_up_env(p);
    if (name == "doc")
        return look_up_doc(p);
    if (name == "range")
        return range(p);
    if (name == "dict" || name == "namespace")
        return make_dict(p, name == "namespace");
    if (name == "is_incremental") {
        p.finish();
        calls_.asked_incremental = true;
        return calls_.is_incremental;
    }
    if (name != "return")
        return global_function(name, p);
    const value what = p.required(0, "data");
    p.finish();
    if (running_.empty())
        throw complaint{"\"return\" is outside of a macro", ""};
    throw returned{what};
}

value evaluator::call_module(const std::string &module, const std::string &name, parameters &p) {
    if (module.starts_with("modules")) {
        calls_.met_refusal = true;
        throw complaint{"\"" + module + "." + name + "\" is not available in templates",
                        "SQL has functions of its own for dates and texts; what is fixed can be a var."};
    }
    if (module == "adapter")
        return call_adapter(name, p);
    if (module == "api.Relation")
        return call_api(name, p);
    if (module == "api.Column")
        return call_column_api(name, p);
    if (module == "builtins" && std::find(given_names().begin(), given_names().end(), name) != given_names().end() &&
        !is_reserved(name))
        return call_function(name, p);
    if (module == "exceptions" && name == "warn")
        return say(p);
    if (module == "exceptions" && (name == "raise_compiler_error" || name == "raise_not_implemented")) {
        calls_.met_refusal = name == "raise_not_implemented";
        const std::string message = printed(p.required(0, "msg"), meter_);
        p.finish();
        throw complaint{message, ""};
    }
    if (module == "config" && (name == "get" || name == "require")) {
        const std::string key = p.text(0, "name");
        const value *otherwise = name == "get" ? p.get(1, "default") : nullptr;
        p.finish();
        if (auto found = configured_.find(key); found != configured_.end())
            return found->second;
        if (name == "require")
            throw complaint{"config() has no \"" + key + "\"", ""};
        return otherwise ? *otherwise : value();
    }
    throw complaint{"\"" + module + "." + name + "\" is not known here", ""};
}

value evaluator::configure(parameters &p) {
    std::vector<std::pair<std::string, value>> given = p.named();
    if (!p.positional().empty()) {
        const value &first = defined(p.positional()[0]);
        if (!first.is(value_kind::dict) || p.positional().size() > 1 || !given.empty())
            throw complaint{"\"config\" takes key='value' pairs only", ""};
        for (const auto &[key, v] : first.entries().entries())
            given.emplace_back(printed(key, meter_), v);
    }
    jinja::arguments texts;
    std::map<std::string, value> values;
    auto text_of = [&](const value &v) {
        return v.is(value_kind::boolean) ? (v.boolean() ? "true" : "false") : printed(v, meter_);
    };
    for (const auto &[key, v] : given) {
        defined(v);
        std::vector<std::string> &into = texts[key];
        if (v.is_sequence())
            for (const value &one : v.items())
                into.push_back(text_of(defined(one)));
        else
            into.push_back(text_of(v));
        values[key] = copied(v, meter_);
        configured_[key] = v;
    }
    calls_.config(texts);
    if (calls_.settings)
        calls_.settings(values);
    return "";
}

value evaluator::look_up(parameters &p) {
    const std::string name = p.text(0, "name");
    const value *otherwise = p.get(1, "default");
    p.finish();
    if (calls_.var)
        calls_.var(name);
    if (auto found = calls_.vars->find(name); found != calls_.vars->end())
        return rendered_variable(name, found->second);
    if (otherwise)
        return *otherwise;
    std::vector<std::string> known;
    for (const auto &one : *calls_.vars)
        known.push_back(one.first);
    const std::string near = name::nearest(name, known);
    throw complaint{"there is no variable \"" + name + "\"",
                    near.empty()
                        ? "Add it to the vars of barometre.yml, or give a default: var('" + name + "', 'default')."
                        : "Did you mean \"" + near + "\"?"};
}

/// As dbt does, a text that is a template is rendered where it is read.
value evaluator::rendered_variable(const std::string &name, const value &v) {
    if (!v.is(value_kind::string) ||
        (v.text().find("{{") == std::string::npos && v.text().find("{%") == std::string::npos))
        return copied(v, meter_);
    if (calls_.nested >= 10)
        throw complaint{"the variable \"" + name + "\" is a template that needs itself", ""};
    struct deeper {
        int &depth;
        explicit deeper(int &depth) : depth(++depth) {}
        ~deeper() { --depth; }
    };
    const deeper one(calls_.nested);
    meter_.steps(v.text().size());
    meter_.bytes(v.text().size() * bytes_of_parsed);
    const parsed whole = parse(v.text(), "variable \"" + name + "\"");
    evaluator inner(calls_);
    return inner.run(whole).text;
}

value evaluator::look_up_env(parameters &p) {
    const std::string name = p.text(0, "name");
    const value *otherwise = p.get(1, "default");
    p.finish();
    if (calls_.env)
        if (auto found = calls_.env->find(name); found != calls_.env->end())
            return found->second;
    if (otherwise)
        return *otherwise;
    throw complaint{"there is no environment variable \"" + name + "\"",
                    "The server's environment is not for templates. Name it in barometre.yml:  env: {" + name +
                        ": ...}, or give a default: env_var('" + name + "', 'default')."};
}

value evaluator::look_up_doc(parameters &p) {
    const bool of_package = p.positional().size() == 2;
    const std::string name = p.text(of_package ? 1 : 0, "name");
    const std::string package = of_package ? p.text(0, "package") : calls_.package;
    p.finish();
    if (!calls_.docs)
        throw complaint{"\"doc\" is for descriptions alone", ""};
    for (const std::string &called : {package + "." + name, name})
        if (auto found = calls_.docs->find(called); found != calls_.docs->end())
            return found->second;
    std::vector<std::string> known;
    for (const auto &one : *calls_.docs)
        known.push_back(one.first);
    const std::string near = name::nearest(name, known);
    throw complaint{"there is no block of documentation \"" + name + "\"",
                    near.empty() ? "Write it into a .md file below the models: {% docs " + name + " %}...{% enddocs %}."
                                 : "Did you mean \"" + near + "\"?"};
}

value evaluator::range(parameters &p) {
    std::int64_t from = 0, to = 0;
    p.required(0, "stop");
    if (p.positional().size() > 1) {
        from = p.integer(0, "start", 0);
        to = p.integer(1, "stop", 0);
    } else {
        to = p.integer(0, "stop", 0);
    }
    const std::int64_t by = p.integer(2, "step", 1);
    p.finish();
    if (by == 0)
        throw complaint{"the step of \"range\" can't be 0", ""};
    list out;
    for (std::int64_t i = from; by > 0 ? i < to : i > to;) {
        meter_.bytes(2 * sizeof(value));
        out.emplace_back(i);
        if (__builtin_add_overflow(i, by, &i))
            break;
    }
    return out;
}

value evaluator::make_dict(parameters &p, bool is_namespace) {
    dict out;
    out.is_namespace = is_namespace;
    if (const value *from = p.get(0, "")) {
        for (const auto &[key, v] : pairs_of(*from, p.function(), meter_)) {
            out.set(defined(key), v, meter_);
        }
    }
    for (const auto &[key, v] : p.named()) {
        p.get(1, key.c_str());
        out.set(key, v, meter_);
    }
    return out;
}

} // namespace barometre::jinja
