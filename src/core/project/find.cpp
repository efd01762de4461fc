#include "core/project/project.h"
#include "core/project/read_parts.h"

#include <algorithm>

namespace barometre::project {

namespace {

const job *find(const std::vector<job> &list, const std::string &name) {
    auto found = std::find_if(list.begin(), list.end(), [&](const job &one) { return one.name == name; });
    return found == list.end() ? nullptr : &*found;
}

} // namespace

std::optional<stream> tap::stream_called(const std::string &called) const {
    if (const stream *declared = streams.find(called))
        return *declared;
    if (!discovers)
        return std::nullopt;
    stream found = settings;
    found.name = called;
    if (found.spread.beside == name + "." + called)
        found.spread.lie_alone();
    return found;
}

std::pair<std::shared_ptr<const file::root>, std::string> project::locate(const std::string &file) const {
    std::pair<std::shared_ptr<const file::root>, std::string> out{folder, file};
    for (const auto &[name, root] : outside) // one that lies in another comes later
        if (file.starts_with(name + "/"))
            out = {root, file.substr(name.size() + 1)};
    return out;
}

const tap *project::find_tap(const std::string &name) const { return taps.find(name); }
const seed *project::find_seed(const std::string &name) const { return seeds.find(name); }
const model *project::find_model(const std::string &name) const { return models.find(name); }
const relation_node *project::find_disabled(const std::string &name) const {
    if (const model *m = disabled.find(name))
        return m;
    return find_disabled_seed(name);
}
const seed *project::find_disabled_seed(const std::string &name) const { return disabled_seeds.find(name); }
std::vector<column> stream::described() const {
    std::vector<column> out = columns;
    merge_columns(out, documented);
    return out;
}

const source_table *project::find_source(const std::string &node) const {
    auto found = std::find_if(sources.begin(), sources.end(), [&](const source_table &s) {
        return node.size() == s.source.size() + 1 + s.name.size() && node.ends_with(s.name) &&
               node.starts_with(s.source) && node[s.source.size()] == '.';
    });
    return found == sources.end() ? nullptr : &*found;
}
project project::with_blocked() const {
    project all = *this;
    all.models.insert(all.models.end(), blocked_models.begin(), blocked_models.end());
    all.seeds.insert(all.seeds.end(), blocked_seeds.begin(), blocked_seeds.end());
    all.sources.insert(all.sources.end(), blocked_sources.begin(), blocked_sources.end());
    all.blocked.clear();
    return all;
}

const blocked_node *project::find_blocked(const std::string &node) const { return blocked.find(node); }

std::string project::source_node(const std::string &source, const std::string &table) const {
    const std::string node = source + "." + table;
    if (auto other = source_nodes.find(node); other != source_nodes.end())
        return other->second;
    return find_source(node) || find_stream(source, table) ? node : "";
}

std::string project::node_called(const std::string &schema, const std::string &relation) const {
    for (const model &m : models)
        if (m.relation() == relation && m.schema == schema)
            return m.name;
    for (const seed &s : seeds)
        if (s.relation() == relation && s.schema == schema)
            return s.name;
    if (find_stream(schema, relation))
        return schema + "." + relation;
    for (const source_table &s : sources)
        if (s.identifier == relation && s.schema == schema)
            return s.node();
    return "";
}

const job *project::find_job(const std::string &name) const { return find(jobs, name); }
std::string project::package_of(const std::string &node) const {
    const relation_node *found = find_model(node);
    if (!found)
        found = find_seed(node);
    return !found ? "" : found->package.empty() ? package : found->package;
}
std::vector<std::string> project::referable() const {
    std::vector<std::string> out;
    for (const model &m : models)
        out.push_back(m.name);
    for (const seed &s : seeds)
        out.push_back(s.name);
    return out;
}
const stream *project::find_stream(const std::string &tap_name, const std::string &name) const {
    const tap *t = find_tap(tap_name);
    return t ? t->streams.find(name) : nullptr;
}

} // namespace barometre::project
