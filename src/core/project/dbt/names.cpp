#include "core/project/dbt/names.h"
#include "core/error.h"
#include "core/project/dbt/config_tree.h"
#include "core/project/templates.h"

namespace barometre::project::dbt {

namespace {

/// What a macro of names is told of a node.
jinja::value node_of(const project &p, const relation_node &m, const std::string &kind, const std::string &folder,
                     const std::string &materialized, const jinja::value &schema, const jinja::value &alias) {
    jinja::list levels, tags;
    const std::string &own = p.package.empty() ? p.name : p.package, &package = m.package.empty() ? own : m.package;
    for (const std::string &level : levels_of(package, folder, m.name))
        levels.emplace_back(level);
    for (const std::string &tag : m.tags)
        tags.emplace_back(tag);
    jinja::dict config, node;
    config.set("schema", schema);
    config.set("alias", alias);
    config.set("materialized", materialized);
    config.set("tags", tags);
    config.set("enabled", m.enabled);
    node.set("name", m.name);
    node.set("alias", alias.is(jinja::value::kind::none) ? jinja::value(m.name) : alias);
    node.set("resource_type", kind);
    node.set("package_name", package);
    node.set("path", (folder.empty() ? "" : folder + "/") + m.file.substr(m.file.rfind('/') + 1));
    node.set("original_file_path", m.file);
    node.set("fqn", levels);
    node.set("tags", tags);
    node.set("config", config);
    return node;
}

/// What the macro of that name makes of what is said for a node; nothing: there is no such macro.
std::optional<std::string> generated(const project &p, const std::string &macro, const jinja::value &said,
                                     const std::function<jinja::value()> &node, const std::string &what) {
    const auto signature = p.macros ? p.macros->signature(macro) : std::nullopt;
    if (!signature)
        return std::nullopt;
    jinja::callbacks calls = template_context(p);
    calls.ref = [](const std::string &name) { return jinja::relation(name); };
    calls.source = [](const std::string &, const std::string &table) { return jinja::relation(table); };
    calls.config = [](const jinja::arguments &) {};
    std::map<std::string, jinja::value> named; // by their places: a macro may call them as it likes
    const jinja::value given[] = {said, node()};
    for (std::size_t i = 0; i < signature->parameters.size() && i < 2; ++i)
        named[signature->parameters[i]] = given[i];
    std::string name = jinja::render_macro(macro, named, calls).text;
    const std::size_t first = name.find_first_not_of(" \t\r\n");
    name = first == std::string::npos ? "" : name.substr(first, name.find_last_not_of(" \t\r\n") + 1 - first);
    if (name.empty() || name.size() > 63)
        throw error(sqlstate::project_invalid, place{signature->file, signature->line}.text() + ": " + macro +
                                                   " gives \"" + name + "\" for " + what +
                                                   ", and a name has 1 to 63 bytes");
    return name;
}

} // namespace

void settle_names(project &p, bool by_rule,
                  const std::function<void(const std::string &kind, const std::string &name, const place &at,
                                           const std::function<void()> &work)> &attempt) {
    const auto settle = [&](relation_node &m, const std::string &kind, const std::string &folder,
                            const std::string &materialized) {
        const jinja::value alias = m.alias.empty() ? jinja::value() : jinja::value(m.alias);
        const bool is_said = m.said_at.count("schema") > 0, stands = m.said_at.count("target_schema") > 0;
        const jinja::value schema = is_said ? jinja::value(m.schema) : jinja::value();
        const auto node = [&] { return node_of(p, m, kind, folder, materialized, schema, alias); };
        const std::string what = kind + " \"" + m.name + "\"";
        if (const auto name = generated(p, "generate_alias_name", alias, node, what))
            m.alias = *name == m.name ? "" : *name;
        if (stands)
            return;
        if (const auto name = generated(p, "generate_schema_name", schema, node, what))
            m.schema = *name;
        else if (by_rule && is_said)
            m.schema = p.schema + "_" + m.schema;
    };
    for (model &m : p.models)
        attempt(m.kind(), m.name, {m.file, m.line}, [&] { settle(m, m.kind(), m.folder, to_text(m.materialized)); });
    for (seed &s : p.seeds)
        attempt("seed", s.name, {s.file, 0}, [&] { settle(s, "seed", "", "seed"); });
}

} // namespace barometre::project::dbt
