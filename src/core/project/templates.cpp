#include "core/project/templates.h"
#include "core/error.h"
#include "core/json/writer.h"
#include "core/project/yaml_reader.h"
#include "core/sql/quote.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace barometre::project {

namespace {

bool is_one_of(const std::string &word, std::initializer_list<const char *> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

jinja::value scalar(const std::string &text) {
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"}))
        return {};
    if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "on", "On"}))
        return true;
    if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "off", "Off"}))
        return false;
    const char *from = text.data() + (text.size() > 1 && text[0] == '+' && text[1] != '-'),
               *end = text.data() + text.size();
    const std::size_t first = text.find_first_not_of("+-");
    const bool zeros = first != std::string::npos && text[first] == '0' && first + 1 < text.size() &&
                       text[first + 1] != '.'; // a code, such as 01
    std::int64_t i = 0;
    if (auto [stop, failure] = std::from_chars(from, end, i); failure == std::errc() && stop == end && !zeros)
        return i;
    double d = 0;
    if (auto [stop, failure] = std::from_chars(from, end, d);
        failure == std::errc() && stop == end && !zeros && std::isfinite(d) && text.find('.') != std::string::npos)
        return d;
    return text;
}

} // namespace

std::string json_text(const jinja::value &v) {
    using kind = jinja::value::kind;
    if (v.is(kind::dict)) {
        json::object out;
        for (const auto &[key, one] : v.entries().entries())
            out.raw(jinja::printed(key), json_text(one));
        return out.text();
    }
    if (v.is_sequence()) {
        json::array out;
        for (const jinja::value &one : v.items())
            out.raw(json_text(one));
        return out.text();
    }
    if (v.is(kind::string) || v.is(kind::relation))
        return json::quoted(jinja::printed(v));
    if (v.is(kind::boolean))
        return v.boolean() ? "true" : "false";
    if (v.is(kind::integer) || (v.is(kind::real) && std::isfinite(v.real())))
        return jinja::printed(v);
    return "null";
}

jinja::value template_value(const YAML::Node &node) {
    if (node.IsSequence()) {
        jinja::list out;
        for (const auto &one : node)
            out.push_back(template_value(one));
        return out;
    }
    if (node.IsMap()) {
        jinja::dict out;
        for (const auto &entry : node)
            out.set(entry.first.Scalar(), template_value(entry.second));
        return out;
    }
    if (!node.IsScalar())
        return {};
    return node.Tag() == "!" ? jinja::value(node.Scalar()) : scalar(node.Scalar());
}

YAML::Node yaml_node(const jinja::value &v) {
    using kind = jinja::value::kind;
    YAML::Node out;
    switch (v.type()) {
    case kind::undefined:
    case kind::none:
    case kind::opaque:
        break;
    case kind::boolean:
        out = v.boolean() ? "true" : "false";
        break;
    case kind::integer:
    case kind::real:
        out = jinja::printed(v);
        break;
    case kind::string:
    case kind::relation:
        out = jinja::printed(v);
        out.SetTag("!");
        break;
    case kind::list:
    case kind::tuple:
        out = YAML::Node(YAML::NodeType::Sequence);
        for (const jinja::value &one : v.items())
            out.push_back(yaml_node(one));
        break;
    case kind::dict:
        out = YAML::Node(YAML::NodeType::Map);
        for (const auto &[key, one] : v.entries().entries())
            out.force_insert(jinja::printed(key), yaml_node(one));
        break;
    }
    return out;
}

std::string rendered_text(const std::string &text, const place &at, jinja::callbacks &calls) {
    if (text.find("{{") == std::string::npos && text.find("{%") == std::string::npos &&
        text.find("{#") == std::string::npos)
        return text;
    return jinja::render_lines(text, at.file, calls, std::max(at.line, 1)).text;
}

namespace {

/// The expression that a text is as a whole, which gives a value and not a text: "{{ var('n') }}". Empty: none.
std::string expression_in(const std::string &text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
    if (first == std::string::npos)
        return "";
    const std::string whole = text.substr(first, last + 1 - first);
    if (whole.size() <= 4 || !whole.starts_with("{{") || !whole.ends_with("}}"))
        return "";
    const std::string inner = whole.substr(2, whole.size() - 4);
    const bool one = inner.find("{{") == std::string::npos && inner.find("}}") == std::string::npos &&
                     inner.find("{%") == std::string::npos;
    return one && inner.find_first_of("-+") != 0 && inner.find_last_of("-+") != inner.size() - 1 ? inner : "";
}

} // namespace

jinja::value native_value(const std::string &text, const place &at, jinja::callbacks &calls) {
    const std::string expression = expression_in(text);
    if (expression.empty())
        return rendered_text(text, at, calls);
    // Of what a template can do with a value, only config() hands it out as it is.
    jinja::value found;
    const auto outer_config = std::exchange(calls.config, [](const jinja::arguments &) {});
    const auto outer = std::exchange(
        calls.settings, [&](const std::map<std::string, jinja::value> &named) { found = named.at("value"); });
    const bool outer_native = std::exchange(calls.native, true);
    jinja::render_lines("{{ config(value=(" + expression + ")) }}", at.file, calls, std::max(at.line, 1));
    calls.native = outer_native;
    calls.settings = outer;
    calls.config = outer_config;
    return found;
}

namespace {

jinja::list texts_of(const std::vector<std::string> &from) { return {from.begin(), from.end()}; }

/// What a template knows as `model`.
jinja::dict model_of(const project &p, const relation_node &node) {
    const std::string &project = p.package.empty() ? p.name : p.package;
    const std::string &package = node.package.empty() ? project : node.package;
    const std::string kind = node.kind();
    jinja::dict config, out;
    config.set("materialized", node.materialized_as());
    config.set("schema", node.schema);
    config.set("alias", node.relation());
    config.set("tags", texts_of(node.tags));
    config.set("enabled", node.enabled);
    out.set("name", node.name);
    out.set("alias", node.relation());
    out.set("schema", node.schema);
    out.set("database", p.database);
    out.set("resource_type", kind);
    out.set("package_name", package);
    out.set("unique_id", kind + "." + package + "." + node.name);
    out.set("path", node.file);
    out.set("original_file_path", node.file);
    out.set("description", node.description);
    out.set("tags", texts_of(node.tags));
    out.set("config", std::move(config));
    return out;
}

} // namespace

jinja::callbacks template_context(const project &p, const relation_node *self, const std::string &package) {
    jinja::callbacks calls;
    calls.ref = [](const std::string &name) -> jinja::relation {
        throw error(sqlstate::project_invalid, "ref('" + name + "') can't stand here", "", "It is for SQL alone.");
    };
    calls.source = [](const std::string &source, const std::string &table) -> jinja::relation {
        throw error(sqlstate::project_invalid, "source('" + source + "', '" + table + "') can't stand here", "",
                    "It is for SQL alone.");
    };
    calls.config = [](const jinja::arguments &) {};
    calls.package = self ? self->package : package;
    const auto vars = p.package_vars.find(calls.package);
    calls.vars = vars == p.package_vars.end() ? p.vars : vars->second;
    calls.spending = p.spending;
    calls.from_yaml = [spending = p.spending](const std::string &text) -> std::optional<jinja::value> {
        try {
            return template_value(yaml_map::load(text, "a text", *spending, std::make_shared<findings>()));
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
            return std::nullopt;
        }
    };
    calls.macros = p.macros;
    calls.env = p.env;
    calls.target = {{"name", p.target_name},
                    {"schema", p.schema},
                    {"type", "postgres"},
                    {"profile_name", p.name},
                    {"threads", "1"}};
    if (!p.database.empty())
        calls.target["dbname"] = calls.target["database"] = p.database;
    calls.global = [&p, self](const std::string &name) -> std::optional<jinja::value> {
        if (name == "dbt_version") // whose rules are followed
            return "1.9.0";
        if (name == "project_name")
            return p.package.empty() ? p.name : p.package;
        if (name == "model" && self)
            return model_of(p, *self);
        return std::nullopt;
    };
    if (self)
        calls.self = jinja::relation(sql::quote_name(self->schema) + "." + sql::quote_name(self->relation()));
    return calls;
}

jinja::callbacks run_hook_context(const project &p) {
    jinja::callbacks calls = template_context(p);
    calls.names["results"] = jinja::list();
    calls.names["schemas"] = jinja::list();
    return calls;
}

} // namespace barometre::project
