#include "core/project/dbt/config_tree.h"

#include <sstream>

namespace barometre::project::dbt {

namespace {

bool is_level(const std::string &key, const YAML::Node &value) { return value.IsMap() && !key.starts_with('+'); }

} // namespace

void config_tree::read_for(const std::vector<std::string> &levels,
                           const std::function<void(yaml_map &, std::size_t)> &read, bool plain) {
    YAML::Node at = tree_.node();
    std::string path;
    for (std::size_t i = 0;; ++i) {
        YAML::Node own(YAML::NodeType::Map), deeper;
        for (const auto &entry : at) {
            const std::string key = entry.first.Scalar();
            if (!is_level(key, entry.second))
                own.force_insert(plain && key.starts_with('+') ? YAML::Node(key.substr(1)) : entry.first, entry.second);
            else if (i < levels.size() && key == levels[i])
                deeper.reset(entry.second);
        }
        if (own.size() > 0) {
            yaml_map map(own, tree_.file(), tree_.what() + (path.empty() ? "" : " (" + path + ")"), tree_.at(at).line,
                         tree_.found());
            read(map, i);
        }
        if (!deeper.IsMap())
            return;
        path += (path.empty() ? "" : ".") + levels[i];
        used_.insert(path);
        at.reset(deeper);
    }
}

void config_tree::note_unused(const YAML::Node &level, const std::string &path) const {
    for (const auto &entry : level) {
        const std::string key = entry.first.Scalar();
        if (!is_level(key, entry.second))
            continue;
        const std::string below = path.empty() ? key : path + "." + key;
        if (used_.count(below))
            note_unused(entry.second, below);
        else
            tree_.found()->ignored(tree_.what() + "." + below, tree_.at(entry.first),
                                   "Nothing of the project lies there.", true);
    }
}

void config_tree::finish() const { note_unused(tree_.node(), ""); }

std::vector<std::string> levels_of(const std::string &package, const std::string &folder, const std::string &name) {
    std::vector<std::string> out{package};
    std::istringstream folders(folder);
    for (std::string one; std::getline(folders, one, '/');)
        if (!one.empty())
            out.push_back(one);
    out.push_back(name);
    return out;
}

} // namespace barometre::project::dbt
