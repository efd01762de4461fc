#include "core/project/folder_config.h"
#include "core/error.h"
#include "core/project/model_config.h"

#include <algorithm>
#include <set>

namespace barometre::project {

namespace {

/// What the levels of `models:`, or of `snapshots:`, share.
struct folders {
    const project &p;
    bool of_snapshots;
    std::list<folder_level> &out;
    const char *kind = of_snapshots ? "snapshots" : "models";

    bool is_one(const model &m) const { return m.is_snapshot() == of_snapshots; }
    bool is_setting(const std::string &key) const { return is_model_setting(key, of_snapshots); }

    std::set<std::string> below(const std::string &folder) const {
        std::set<std::string> out;
        const std::string start = folder.empty() ? "" : folder + "/";
        for (const model &m : p.models)
            if (is_one(m) && m.folder.starts_with(start) && m.folder.size() > start.size())
                out.insert(m.folder.substr(start.size(), m.folder.find('/', start.size()) - start.size()));
        return out;
    }

    void read(const yaml_map &level, const std::string &folder, bool is_top) {
        const std::set<std::string> known = below(folder);
        YAML::Node own(YAML::NodeType::Map);
        std::vector<std::pair<std::string, YAML::Node>> whole, deeper;
        for (const auto &entry : level.node()) {
            const std::string key = entry.first.Scalar();
            const bool sets = is_setting(key), is_map = entry.second.IsMap();
            if (known.count(key) && (is_map || !sets))
                deeper.emplace_back(key, entry.second);
            else if (is_top && is_map && !sets && key == p.name)
                whole.emplace_back(key, entry.second);
            else if (is_map && !sets && !key.starts_with('+'))
                missing(level, key, known);
            else
                own.force_insert(entry.first, entry.second);
        }
        yaml_map map(own, level.file(), level.what(), level.at().line);
        model nobody; // for what is wrong even where there is no model, and for what seeds take from here
        nobody.schema = p.schema;
        if (of_snapshots)
            nobody.materialized = materialization::snapshot;
        read_model_config(map, nobody);
        map.finish();
        out.push_back({of_snapshots, is_top, folder, map});
        for (const auto &[key, node] : whole)
            read(level.inner(node, "\"" + key + "\" of " + kind), folder, false);
        for (const auto &[key, node] : deeper) {
            const std::string path = folder.empty() ? key : folder + "/" + key;
            const std::string what = "folder \"" + path + "\" of " + kind;
            read(level.inner(node.IsNull() ? YAML::Node(YAML::NodeType::Map) : node, what), path, false);
        }
    }

    [[noreturn]] void missing(const yaml_map &level, const std::string &key, const std::set<std::string> &known) const {
        const std::vector<std::string> names(known.begin(), known.end());
        level.fail(
            level.at(key), "there is no folder \"" + key + "\" with " + kind + " in " + level.what(), "",
            near_setting(key, names, of_snapshots,
                         names.empty() ? "There are no folders in it." : "Folders in it are " + joined(names) + "."));
    }
};

/// What dbt_project.yml said, too, but for what adds up.
void note_overridden(const model &m, const model &before, findings &found) {
    static const std::set<std::string> adds_up = {"tags", "pre_hook", "post_hook"};
    for (const auto &[key, at] : m.said_at)
        if (auto known = before.said_at.find(key); known != before.said_at.end() && !adds_up.count(key) &&
                                                   known->second != at &&
                                                   known->second.file.ends_with("dbt_project.yml"))
            found.add({"key", key, "overridden", at, "It was said in " + known->second.text() + ", too."});
}

void keep_schema(model &m, const model &before) {
    m.schema = before.schema;
    m.said_at.erase("schema");
    if (auto known = before.said_at.find("schema"); known != before.said_at.end())
        m.said_at.insert(*known);
}

} // namespace

std::size_t folder_level::depth() const {
    return folder.empty() ? 1 : 2 + static_cast<std::size_t>(std::count(folder.begin(), folder.end(), '/'));
}

bool folder_level::holds(const model &m) const {
    return m.is_snapshot() == of_snapshots &&
           (folder.empty() || (m.package.empty() && (m.folder == folder || m.folder.starts_with(folder + "/"))));
}

void folder_level::read_for(model &m, project &p) const {
    const model before = m;
    yaml_map map = config;
    read_model_config(map, m);
    if (is_top && !of_snapshots) // it is the target's, which was settled before
        keep_schema(m, before);
    note_overridden(m, before, *p.found);
}

std::list<folder_level> read_folder_levels(yaml_map &of_models, yaml_map &of_snapshots, project &p) {
    std::list<folder_level> out;
    folders{p, false, out}.read(of_models, "", true);
    folders{p, true, out}.read(of_snapshots, "", true);
    out.sort([](const folder_level &a, const folder_level &b) { return a.depth() < b.depth(); }); // stable
    return out;
}

} // namespace barometre::project
