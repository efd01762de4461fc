#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

namespace barometre::project::dbt {

/// The folders of a project by what lies in them, relative to it.
struct folders {
    std::vector<std::string> models{"models"}, seeds{"seeds"}, tests{"tests"}, functions{"functions"}, macros{"macros"},
        snapshots{"snapshots"}, analyses{};
    std::vector<std::string> never; ///< what other programs make, and nobody wrote

    std::vector<std::string> generic_tests() const; ///< those with generic tests
    std::vector<std::string> fixtures() const;      ///< those with rows for unit tests
    std::vector<std::string> of_macros() const;     ///< those and macros
    std::vector<std::string> of_models() const;     ///< models and snapshots
    std::vector<std::string> of_nodes() const;      ///< those, seeds and tests
    std::vector<std::string> of_properties() const; ///< all that are described in properties files
};

/// What dbt_project.yml says.
struct project_file {
    std::string file;    ///< its name in messages
    std::string folder;  ///< in which it lies, relative to the project; empty: the project's own
    std::string name;    ///< of the project, and of its package
    std::string profile; ///< in profiles.yml
    dbt::folders folders;
    std::string packages;                                     ///< the folder that packages are installed in
    std::map<std::string, std::pair<YAML::Node, place>> vars; ///< those for its own package win
    std::vector<std::pair<std::string, std::vector<std::string>>> search_orders; ///< of adapter.dispatch(), by package
    std::vector<hook> on_run_start, on_run_end;
    /// Its trees of configuration, as they stand: empty mappings where there is none.
    std::optional<yaml_map> models, seeds, snapshots, tests, unit_tests, sources;
};

/// `folder`: in which it lies.
project_file read_project_file(yaml_map &top, const std::string &folder);

/// The path of what lies in a folder of the project.
std::string below(const std::string &folder, const std::string &name);

/// Renders the templates among the values of a mapping, but for those of keys that are rendered later or never, such as
/// hooks and tests. What a template alone gives keeps its type.
void render_values(yaml_map &map, const jinja::callbacks &context);
void render_values(const yaml_map &map, const YAML::Node &of, const jinja::callbacks &context); ///< of one of them

} // namespace barometre::project::dbt
