#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

namespace barometre::project::dbt {

/// The folders of a project by what lies in them, relative to it.
struct folders {
    std::vector<std::string> models{"models"}, seeds{"seeds"}, tests{"tests"}, functions{"functions"}, macros{"macros"},
        snapshots{"snapshots"}, analyses{};
    std::vector<std::string> never; ///< what other programs make, and nobody wrote
};

/// What dbt_project.yml says.
struct project_file {
    std::string file;    ///< its name in messages
    std::string folder;  ///< in which it lies, relative to the project; empty: the project's own
    std::string name;    ///< of the project, and of its package
    std::string profile; ///< in profiles.yml
    dbt::folders folders;
    std::vector<hook> on_run_start, on_run_end;
    /// Its trees of configuration, as they stand: empty mappings where there is none.
    std::optional<yaml_map> models, seeds, snapshots, tests, sources;
};

/// Reads it, and its variables into those of the project: what is there already wins, and is noted.
project_file read_project_file(yaml_map &top, const std::string &folder, project &p);

/// The path of what lies in a folder of the project.
std::string below(const std::string &folder, const std::string &name);

/// Renders the templates among the values of a mapping, but for those of keys that are rendered later or never, such as
/// hooks and tests. What a template alone gives keeps its type.
void render_values(yaml_map &map, const jinja::callbacks &context);

} // namespace barometre::project::dbt
