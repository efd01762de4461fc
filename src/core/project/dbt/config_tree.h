#pragma once

#include "core/project/yaml_reader.h"

#include <functional>

namespace barometre::project::dbt {

/// One of the trees of dbt_project.yml, such as `models:`. Its levels are a package, folders and at last a node; what
/// begins with "+", and what is no mapping, is configuration of all that lies below.
class config_tree {
public:
    explicit config_tree(yaml_map tree) : tree_(std::move(tree)) {}

    /// Calls `read` for each level that has something to say of a node, from the outermost. `levels`: its package, its
    /// folders and its name. `depth`: how many of them lead to it.
    /// `plain`: keys come without "+", and without their lines.
    void read_for(const std::vector<std::string> &levels,
                  const std::function<void(yaml_map &, std::size_t depth)> &read, bool plain = false);
    /// Notes what no node asked for.
    void finish() const;

private:
    void note_unused(const YAML::Node &level, const std::string &path) const;

    yaml_map tree_;
    std::set<std::string> used_; ///< paths
};

/// The levels of a node: package, the folders of "a/b", name.
std::vector<std::string> levels_of(const std::string &package, const std::string &folder, const std::string &name);

} // namespace barometre::project::dbt
