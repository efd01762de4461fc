#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/dbt/project_file.h"
#include "core/project/dependencies.h"
#include "core/project/reader.h"
#include "core/project/templates.h"
#include "core/project/unit_test_config.h"
#include "core/project/unit_test_inputs.h"

#include <algorithm>
#include <filesystem>

/// The unit tests in properties files: what is wrong in one of them concerns that one, and the model that it tests.
namespace barometre::project {

namespace {

std::string word_in(const YAML::Node &item, const char *key) {
    const YAML::Node &read_only = item;
    return item.IsMap() && read_only[key].IsDefined() && read_only[key].IsScalar() ? read_only[key].Scalar() : "";
}

} // namespace

/// The text of a file in fixtures/ below a tests folder of the package, and its name.
std::pair<std::string, std::string> reader::read_fixture_file(package &of, const std::string &name,
                                                              const std::string &extension, const place &at) {
    const std::string asked = of.folder + ':' + name + '.' + extension;
    if (const auto read = fixtures_.find(asked); read != fixtures_.end())
        return read->second;
    std::vector<std::string> known;
    for (const std::string &file : files_in(of, &dbt::folders::fixtures, {"." + extension}, "file")) {
        known.push_back(std::filesystem::path(file).stem().string());
        if (known.back() == name)
            return fixtures_[asked] = {text_of(file), file};
    }
    const std::string near = name::nearest(name, known);
    throw error(sqlstate::project_invalid, at.text() + ": there is no fixture \"" + name + "." + extension + "\"",
                "They lie in fixtures/ below a tests folder.", near.empty() ? "" : "Did you mean \"" + near + "\"?");
}

/// What dbt_project.yml says of the unit tests of a model.
void reader::configure_unit_test(package &of, const std::string &file, const std::string &model,
                                 const std::string &name, test_config &config, bool &enabled) {
    std::vector<std::string> levels = dbt::levels_of(name_of(of), folder_below(of.folders.of_nodes(), file), model);
    levels.push_back(name);
    for (dbt::config_tree *tree : trees(of, &package::unit_tests))
        tree->read_for(
            levels,
            [&](yaml_map &level, std::size_t) {
                read_test_config(level, config);
                enabled = level.boolean("enabled", enabled);
                level.finish();
            },
            true);
}

void reader::read_unit_tests(yaml_map &top) {
    package &of = package_of(top.file());
    const unit_test_rules rules{
        tests_.context,
        [&](const std::string &name, const std::string &extension, const place &at) {
            return read_fixture_file(of, name, extension, at);
        },
        [&](const std::string &model, const std::string &name, test_config &config, bool &enabled) {
            configure_unit_test(of, top.file(), model, name, config, enabled);
        }};
    attempt("file", top.file(), top.at("unit_tests"), [&] {
        for (const YAML::Node &item : top.items("unit_tests")) {
            const std::string name = word_in(item, "name"), model = word_in(item, "model");
            if (!model.empty()) // which is untested when the file can't be read any more
                p_.described[top.file()].push_back(model);
            if (!attempt("unit test", name.empty() ? top.file() : name, top.at(item), [&] {
                    yaml_map map = top.named(item, "unit test");
                    dbt::render_values(map, tests_.context);
                    std::optional<unit_test> t = read_unit_test(map, rules);
                    if (!t)
                        return;
                    for (const unit_test &other : p_.unit_tests)
                        if (other.name == t->name && other.model == t->model)
                            map.fail(map.at(), map.what() + " of model \"" + t->model + "\" is there twice",
                                     "The other is in " + other.at.text() + ".", "Rename one of them.");
                    p_.unit_tests.push_back(std::move(*t));
                }))
                block_untested(model, top.file(), name);
        }
    });
}

/// A unit test that can't be read blocks the publication of what it tests.
void reader::block_untested(const std::string &node, const std::string &file, const std::string &test) {
    if (const model *m = p_.find_model(node))
        block(m->kind(), m->name, file, "its unit test \"" + test + "\" can't be read", true);
}

/// Finds what the inputs of unit tests are. Those of models that can't be built are left out.
void reader::check_unit_tests() {
    std::erase_if(p_.unit_tests, [&](unit_test &t) {
        const fate found = judge_test("unit test", t.name, t.at, [&] {
            if (p_.find_blocked(t.model))
                return std::vector<std::string>{t.model};
            if (const relation_node *off = p_.find_disabled(t.model))
                throw missing_node({sqlstate::bad_graph,
                                    "Its model \"" + t.model + "\" is disabled in " + off->where("enabled").text()},
                                   "");
            if (!p_.find_model(t.model)) {
                std::vector<std::string> known;
                for (const model &m : p_.models)
                    known.push_back(m.name);
                for (const blocked_node &b : p_.blocked)
                    if (b.kind == "model")
                        known.push_back(b.name);
                const std::string near = name::nearest(t.model, known);
                throw error(sqlstate::project_invalid,
                            t.at.text() + ": unit test \"" + t.name + "\" is of model \"" + t.model +
                                "\", which is not in the project",
                            "", near.empty() ? "Correct the name." : "Did you mean \"" + near + "\"?");
            }
            find_unit_test_inputs(p_, t);
            std::vector<std::string> nodes;
            for (const unit_test::input &input : t.given)
                nodes.push_back(input.node);
            return nodes;
        });
        if (found == fate::unread)
            block_untested(t.model, t.at.file, t.name);
        return found != fate::stays;
    });
}

} // namespace barometre::project
