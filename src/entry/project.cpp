#include "pg/entry.h"
#include "registry/registry.h"

namespace barometre::entry {

namespace {

pg::table load_project(const pg::arguments &given) {
    const std::string path = given.text(0);
    const auto loaded = registry::load_project({.path = path.empty() ? std::nullopt : std::optional(path)});
    pg::table rows;
    for (const auto &c : loaded.changes)
        rows.push_back({c.kind, c.name, c.change});
    return rows;
}

} // namespace

BARO_WRITES(barometre_load_project, load_project)

} // namespace barometre::entry
