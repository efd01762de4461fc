#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/dbt/config_tree.h"
#include "core/project/dbt/sources.h"
#include "core/project/folder_config.h"
#include "core/project/model_config.h"
#include "core/project/read_parts.h"
#include "core/project/reader.h"
#include "core/project/registered.h"
#include "core/project/seed_config.h"
#include "core/project/snapshot_config.h"
#include "core/project/templates.h"

#include <algorithm>
#include <filesystem>
#include <limits>

/// The properties files, which are dbt's: what is wrong in one of their entries concerns that entry alone.
namespace barometre::project {

namespace {

/// Keys of entries that mean nothing here.
const std::vector<std::string> of_nodes = {"docs",          "access",     "group",       "latest_version",
                                           "constraints",   "time_spine", "primary_key", "deprecation_date",
                                           "quote_columns", "data_type"};
const std::vector<std::string> of_files = {"macros",  "exposures",       "analyses",      "metrics",  "groups",
                                           "anchors", "semantic_models", "saved_queries", "functions"};

std::string name_in(const YAML::Node &item) {
    const YAML::Node &read_only = item;
    return item.IsMap() && read_only["name"].IsDefined() && read_only["name"].IsScalar() ? read_only["name"].Scalar()
                                                                                         : "";
}

} // namespace

/// While it lives, a test that can't be read blocks the publication of what it tests.
struct reader::tests_of {
    tests_of(reader &r, const std::string &kind, const std::string &node) : r(r) {
        r.tests_.refused = [&r, kind, node](const std::string &test, const place &at, const error &why) {
            r.refuse("test", node + (test.empty() ? "" : "." + test), at, why);
            r.block(kind, node, at.file, "its test \"" + test + "\" can't be read: " + why.message, true);
        };
    }
    ~tests_of() { r.tests_.refused = {}; }
    tests_of(const tests_of &) = delete;
    reader &r;
};

void reader::missing(const yaml_map &at, const std::string &name, const std::vector<std::string> &known) const {
    const std::string near = name::nearest(name, known);
    p_.found->add({"entry", name, "ignored", at.at(),
                   at.what() + " is not in the project. " +
                       (near.empty() ? "Correct the name, or remove the entry." : "Did you mean \"" + near + "\"?"),
                   true});
}

/// An entry of `models:` or `snapshots:` in a properties file.
void reader::describe(yaml_map &map, const std::string &kind) {
    const std::string name = map.text("name");
    model *found = p_.models.find(name);
    if (!found && blocked_.count(name)) // a model in Python, say
        return;
    if (!found) {
        std::vector<std::string> known;
        for (const model &one : p_.models)
            if (one.kind() == kind)
                known.push_back(one.name);
        return missing(map, name, known);
    }
    if (found->kind() != kind)
        map.fail(map.at(), map.what() + " is a " + found->kind(), "", "Describe it under \"" + found->kind() + "s:\".");
    if (map.has("versions"))
        map.fail(map.at("versions"), "versions of " + map.what() + " are not supported", "",
                 "Give each version a file and a name of its own, and remove the key.");
    if (found->is_snapshot())
        map.has("relation"); // read before
    const tests_of blocking(*this, kind, name);
    found->description = read_description(map, tests_, found->description);
    merge_columns(found->columns, read_columns(map, false, tests_));
    for (const generic_test &t : read_tests(map, "", tests_))
        found->tests.push_back(t);
    read_model_config(map, *found);
    yaml_map config = map.map("config", "config of " + map.what());
    read_model_config(config, *found);
    config.finish();
    map.ignore(of_nodes);
    map.finish();
}

void reader::describe_seed(yaml_map &map) {
    const std::string name = map.text("name");
    seed *found = p_.seeds.find(name);
    if (!found) { // its file may lie below barometre.data_directory
        if (blocked_.count(name))
            return;
        check_name(map, "seed", name, map.at());
        seed one;
        one.name = name;
        one.at = map.at();
        one.is_only_described = true;
        found = &*p_.seeds.insert(p_.seeds.end(), std::move(one));
    }
    const tests_of blocking(*this, "seed", name);
    map.ignore(of_nodes);
    read_seed(map, *found, tests_);
}

/// Reads each item of a list, one beside the others.
void reader::read_each(yaml_map &top, const std::string &key, const std::string &kind,
                       const std::function<void(yaml_map &)> &read) {
    attempt("file", top.file(), top.at(key), [&] {
        for (const YAML::Node &item : top.items(key)) {
            const std::string name = name_in(item);
            attempt(kind, name.empty() ? top.file() : name, top.at(item), [&] {
                yaml_map map = top.named(item, kind);
                dbt::render_values(map, tests_.context);
                if (!name.empty())
                    p_.described[top.file()].push_back(name);
                read(map);
            });
        }
    });
}

void reader::read_entries(yaml_map &top) {
    top.has("version");
    read_each(top, "models", "model", [&](yaml_map &m) { describe(m, "model"); });
    read_each(top, "snapshots", "snapshot", [&](yaml_map &s) { describe(s, "snapshot"); });
    read_each(top, "seeds", "seed", [&](yaml_map &s) { describe_seed(s); });
    read_each(top, "sources", "source", [&](yaml_map &s) {
        const auto preset = [&](source_table &t) {
            package &of = package_of(top.file());
            std::vector<std::string> levels =
                dbt::levels_of(name_of(of), folder_below(of.folders.models, top.file()), t.source);
            levels.push_back(t.name);
            for (dbt::config_tree *tree : trees(of, &package::sources))
                tree->read_for(
                    levels, [&](yaml_map &level, std::size_t) { dbt::read_source_config(level, t); }, true);
        };
        dbt::read_source(s, p_, tests_, preset,
                         [&](const std::string &kind, const std::string &name, const place &at, const auto &work) {
                             const tests_of blocking(*this, kind, name);
                             if (kind == "source" && name.find('.') != std::string::npos)
                                 p_.described[at.file].push_back(name);
                             attempt(kind, name, at, work);
                         });
    });
    for (const char *key : {"tests", "data_tests"}) // descriptions of singular tests
        top.has(key);
    top.ignore(of_files);
    if (top.has("unit_tests"))
        read_unit_tests(top);
    for (const auto &entry : top.node())
        if (const std::string key = entry.first.Scalar(); key.starts_with('.') || key.starts_with("x-"))
            top.has(key);
    top.finish();
}

/// A properties file that can't be read: what it says of its nodes is not known, nor which tests they must pass.
void reader::lose(const std::string &file) {
    const std::string reason = file + ", which describes it, can't be read";
    const auto known = around_.described.find(file);
    if (known != around_.described.end()) {
        for (const std::string &node : known->second)
            block(node.find('.') == std::string::npos ? "model" : "source", node, file, reason, true);
        p_.described[file] = known->second;
        return;
    }
    const std::string folder = std::filesystem::path(file).parent_path().string() + "/";
    const std::string maybe = file + ", which may describe it, can't be read";
    for (const model &m : p_.models)
        if (m.file.starts_with(folder))
            block(m.kind(), m.name, m.file, maybe, true);
    for (const seed &s : p_.seeds)
        if (s.file.starts_with(folder))
            block("seed", s.name, s.file, maybe, true);
}

/// What the project files say of models and snapshots, level by level: the nearer one counts whichever file has it, and
/// of the same level barometre's own.
void reader::configure(yaml_map &of_models, yaml_map &of_snapshots) {
    for (model &m : p_.models) {
        m.schema = p_.schema;
        if (dbt() && !m.is_snapshot()) // as dbt makes what says nothing
            m.materialized = materialization::view;
    }
    const std::list<folder_level> levels = read_folder_levels(of_models, of_snapshots, p_);
    for (model &m : p_.models) {
        auto next = levels.begin();
        const auto read_own = [&](std::size_t depth) {
            for (; next != levels.end() && next->depth() < depth; ++next)
                if (next->holds(m))
                    next->read_for(m, p_);
        };
        package &of = package_of(m.file);
        bool is_right = true;
        for (dbt::config_tree *tree : trees(of, m.is_snapshot() ? &package::snapshots : &package::models))
            tree->read_for(dbt::levels_of(name_of(of), m.folder, m.name), [&](yaml_map &level, std::size_t depth) {
                if (tree == &*(m.is_snapshot() ? own().snapshots : own().models))
                    read_own(depth);
                is_right = is_right && attempt(m.kind(), m.name, {m.file, m.line}, [&] {
                               read_model_config(level, m);
                               level.finish();
                           });
            });
        read_own(std::numeric_limits<std::size_t>::max());
    }
    for (seed &s : p_.seeds)
        attempt("seed", s.name, {s.file, 0}, [&] {
            package &of = package_of(s.file);
            const std::string folder = folder_below(of.folders.seeds, s.file);
            for (dbt::config_tree *tree : trees(of, &package::seeds))
                tree->read_for(dbt::levels_of(name_of(of), folder, s.name), [&](yaml_map &level, std::size_t) {
                    read_seed_config(level, s);
                    level.finish();
                });
        });
    for (package &one : packages_)
        for (auto *tree : {&one.models, &one.snapshots, &one.seeds})
            if (*tree)
                (*tree)->finish();
    configure_tests();
}

const std::string &reader::name_of(const package &one) const { return one.name.empty() ? p_.package : one.name; }

/// Renders the trees of configuration of a dbt_project.yml, and opens them.
void reader::grow_trees(package &of) {
    if (!of.file)
        return;
    const jinja::callbacks context = template_context(p_, nullptr, of.name);
    const auto grow = [&](std::optional<yaml_map> &from, std::optional<dbt::config_tree> &tree) {
        dbt::render_values(*from, context);
        tree.emplace(*from);
    };
    grow(of.file->models, of.models);
    grow(of.file->seeds, of.seeds);
    grow(of.file->snapshots, of.snapshots);
    grow(of.file->sources, of.sources);
    grow(of.file->tests, of.tests);
    grow(of.file->unit_tests, of.unit_tests);
}

std::vector<dbt::config_tree *> reader::trees(package &of, std::optional<dbt::config_tree> package::*which) {
    std::vector<dbt::config_tree *> out;
    if (&of != &own() && of.*which)
        out.push_back(&*(of.*which));
    if (own().*which)
        out.push_back(&*(own().*which));
    return out;
}

/// What dbt_project.yml says of tests: for those that are declared or lie below a folder.
void reader::configure_tests() {
    if (!dbt())
        return;
    tests_.of_folder = [this](const std::string &file, test_config &config, bool &enabled) {
        package &of = package_of(file);
        const std::string name = std::filesystem::path(file).stem().string();
        for (dbt::config_tree *tree : trees(of, &package::tests))
            tree->read_for(
                dbt::levels_of(name_of(of), folder_below(of.folders.of_nodes(), file), name),
                [&](yaml_map &level, std::size_t) {
                    read_test_config(level, config);
                    config.where = level.text("where", config.where);
                    enabled = level.boolean("enabled", enabled);
                    level.finish();
                },
                true);
    };
}

void reader::read_properties(yaml_map &of_models, yaml_map &of_snapshots) {
    std::vector<yaml_map> all;
    for (const std::string &file : files(&dbt::folders::of_properties, {".yml", ".yaml"})) {
        std::string text;
        if (!attempt("file", file, {file, 0}, [&] {
                text = text_of(file);
                all.push_back(yaml_map::parse(text, file, *p_.spending, findings_for(file)));
            }))
            properties_lost_[file] = text;
    }
    for (yaml_map &top : all)
        read_each(top, "snapshots", "snapshot", [&](yaml_map &entry) {
            if (entry.has("relation"))
                add(read_snapshot_entry(entry));
        });
    for (const std::string &file : unread_)
        if (file.ends_with(".yml") || file.ends_with(".yaml"))
            properties_lost_.emplace(file, "");
    for (const auto &[file, text] : properties_lost_)
        lose(file);
    for (const registration &r : registered_)
        if (r.kind == "model")
            attempt("model", r.name, {r.place(), 0}, [&] { add_registered_models(p_, {r}); });
    configure(of_models, of_snapshots);
    tests_.docs = docs_;
    for (yaml_map &top : all) {
        tests_.context = template_context(p_, nullptr, package_of(top.file()).name); // the schema is known now
        read_entries(top);
    }
    tests_.context = template_context(p_);
    for (const registration &r : registered_)
        if (r.kind == "model" && p_.find_model(r.name))
            attempt("model", r.name, {r.place(), 0}, [&] {
                for (yaml_map &one : registered_properties(p_, {r}))
                    describe(one, "model");
            });
}

} // namespace barometre::project
