#include "core/project/dbt/project_file.h"
#include "core/error.h"
#include "core/project/model_config.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <filesystem>

namespace barometre::project::dbt {

namespace {

/// Keys that mean nothing here.
const std::vector<std::string> of_projects = {"version",
                                              "asset-paths",
                                              "docs-paths",
                                              "clean-targets",
                                              "query-comment",
                                              "flags",
                                              "restrict-access",
                                              "dbt-cloud",
                                              "quoting",
                                              "exposures",
                                              "metrics",
                                              "semantic-models",
                                              "saved-queries",
                                              "modules-path",
                                              "function-paths",
                                              "functions-paths",
                                              "groups",
                                              "config",
                                              "sync",
                                              "state-modified-compare-more-unrendered-values"};

/// A list of folders, by its name or the one that it had in older versions of dbt.
void read_folders(yaml_map &top, const std::string &folder, const std::vector<std::string> &keys,
                  std::vector<std::string> &into) {
    for (const std::string &key : keys) {
        if (!top.has(key))
            continue;
        into.clear();
        for (const std::string &given : top.texts(key)) {
            const std::string path = std::filesystem::path(given).lexically_normal().string();
            if (path.starts_with('/') || path.starts_with(".."))
                top.fail(top.at(key), "folder \"" + given + "\" must lie in the project");
            into.push_back(below(folder, path));
        }
        return;
    }
    for (std::string &path : into)
        path = below(folder, path);
}

std::vector<hook> read_run_hooks(yaml_map &top, const std::string &key) {
    std::vector<hook> out;
    if (top.has(key))
        read_hooks(top, key, out);
    return out;
}

std::map<std::string, std::pair<YAML::Node, place>> read_vars(yaml_map &top, const std::string &name) {
    const yaml_map vars = top.map("vars", "vars");
    std::map<std::string, std::pair<YAML::Node, place>> given; // those of the package win
    for (const auto &entry : vars.node())
        if (const std::string key = entry.first.Scalar(); key != name || !entry.second.IsMap())
            given[key] = {entry.second, vars.at(entry.first)};
    if (vars.node()[name].IsDefined() && vars.node()[name].IsMap())
        for (const auto &entry : vars.node()[name])
            given[entry.first.Scalar()] = {entry.second, vars.at(entry.first)};
    return given;
}

/// [{macro_namespace: dbt_utils, search_order: [mine, dbt_utils]}]
std::vector<std::pair<std::string, std::vector<std::string>>> read_search_orders(yaml_map &top) {
    std::vector<std::pair<std::string, std::vector<std::string>>> out;
    for (const YAML::Node &item : top.items("dispatch")) {
        yaml_map one = top.inner(item, "dispatch");
        out.emplace_back(one.text("macro_namespace"), one.texts("search_order"));
        one.finish();
    }
    return out;
}

std::vector<std::string> joined(std::initializer_list<const std::vector<std::string> *> lists) {
    std::vector<std::string> out;
    for (const auto *some : lists)
        out.insert(out.end(), some->begin(), some->end());
    return out;
}

/// What is rendered by who uses it, or is a text for people.
bool is_rendered_later(const std::string &key) {
    static const std::set<std::string> later{"tests",      "data_tests", "description", "vars",         "pre_hook",
                                             "pre-hook",   "post_hook",  "post-hook",   "+pre_hook",    "+pre-hook",
                                             "+post-hook", "+post_hook", "relation",    "on-run-start", "on-run-end",
                                             "where",      "+where",     "arguments"};
    return later.count(key) > 0;
}

void render_below(YAML::Node node, const yaml_map &of, const jinja::callbacks &context) {
    if (node.IsMap()) {
        for (auto entry : node)
            if (!is_rendered_later(entry.first.Scalar()))
                render_below(entry.second, of, context);
    } else if (node.IsSequence()) {
        for (auto item : node)
            render_below(item, of, context);
    } else if (node.IsScalar() && node.Scalar().find('{') != std::string::npos) {
        jinja::callbacks calls = context;
        const jinja::value made = native_value(node.Scalar(), of.at(node), calls);
        if (!made.is(jinja::value::kind::string) || made.text() != node.Scalar())
            node = yaml_node(made); // the node that it stands in refers to the new one
    }
}

} // namespace

std::vector<std::string> folders::generic_tests() const {
    std::vector<std::string> out;
    for (const std::string &folder : tests)
        out.push_back(folder + "/generic");
    return out;
}
std::vector<std::string> folders::fixtures() const {
    std::vector<std::string> out;
    for (const std::string &folder : tests)
        out.push_back(folder + "/fixtures");
    return out;
}
std::vector<std::string> folders::of_macros() const {
    const std::vector<std::string> generic = generic_tests();
    return joined({&generic, &macros});
}
std::vector<std::string> folders::of_models() const { return joined({&models, &snapshots}); }
std::vector<std::string> folders::of_nodes() const { return joined({&models, &tests, &seeds, &snapshots}); }
std::vector<std::string> folders::of_properties() const {
    return joined({&models, &snapshots, &seeds, &macros, &tests, &analyses});
}

std::string below(const std::string &folder, const std::string &name) {
    if (name.empty() || name == ".")
        return folder.empty() ? "." : folder;
    return folder.empty() ? name : folder + "/" + name;
}

void render_values(yaml_map &map, const jinja::callbacks &context) { render_below(map.node(), map, context); }
void render_values(const yaml_map &map, const YAML::Node &of, const jinja::callbacks &context) {
    render_below(of, map, context);
}

project_file read_project_file(yaml_map &top, const std::string &folder) {
    project_file out;
    out.file = top.file();
    out.folder = folder;
    out.name = top.text("name");
    if (top.integer("config-version", 2) != 2)
        top.fail(top.at("config-version"), "key \"config-version\" must be 2", "",
                 "dbt itself reads no other one since its version 0.20.");
    if (top.has("require-dbt-version"))
        top.found()->ignored("require-dbt-version", top.at("require-dbt-version"), "barometre is no version of dbt.");
    out.profile = top.text("profile", "");
    read_folders(top, folder, {"model-paths", "source-paths"}, out.folders.models);
    read_folders(top, folder, {"seed-paths", "data-paths"}, out.folders.seeds);
    read_folders(top, folder, {"test-paths"}, out.folders.tests);
    read_folders(top, folder, {"macro-paths"}, out.folders.macros);
    read_folders(top, folder, {"snapshot-paths"}, out.folders.snapshots);
    out.folders.analyses = {"analyses"};
    read_folders(top, folder, {"analysis-paths"}, out.folders.analyses);
    for (std::string &path : out.folders.functions)
        path = below(folder, path);
    out.packages = below(folder, top.text("packages-install-path", "dbt_packages"));
    out.folders.never.push_back(out.packages);
    for (const auto &[key, otherwise] : {std::pair{"target-path", "target"}, {"log-path", "logs"}})
        out.folders.never.push_back(below(folder, top.text(key, otherwise)));
    out.on_run_start = read_run_hooks(top, "on-run-start");
    out.on_run_end = read_run_hooks(top, "on-run-end");
    out.vars = read_vars(top, out.name);
    out.search_orders = read_search_orders(top);
    out.models = top.map("models", "models");
    out.seeds = top.map("seeds", "seeds");
    out.snapshots = top.map("snapshots", "snapshots");
    out.tests = top.map(top.has("tests") ? "tests" : "data_tests", "data_tests");
    top.has("data_tests");
    out.unit_tests = top.map(top.has("unit_tests") ? "unit_tests" : "unit-tests", "unit-tests");
    out.sources = top.map("sources", "sources");
    top.ignore(of_projects);
    top.finish();
    return out;
}

} // namespace barometre::project::dbt
