#include "model/transform/select.h"
#include "core/error.h"
#include "core/graph/selection.h"
#include "core/project/dependencies.h"
#include "model/functions.h"
#include "model/relation/attributes.h"
#include "model/seed.h"
#include "model/staleness.h"
#include "model/transform/hooks.h"
#include "pg/distribution.h"
#include "pg/locks.h"
#include "pg/relations.h"
#include "registry/blocked.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model::transform {

namespace {

std::vector<pg::oid> find_spread_sources(const project::project &p, const selected &what) {
    std::set<std::string> read;
    for (const std::string &name : what.models)
        read.merge(what.all.ancestors(name));
    std::vector<pg::oid> out;
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams) {
            if (!read.count(t.name + "." + s.name) || !pg::relation_exists(s.tap, s.name))
                continue;
            const pg::oid table = pg::oid_of(pg::qualified(s.tap, s.name));
            if (!pg::distribution_of(table).is_local())
                out.push_back(table);
        }
    return out;
}

} // namespace

selected select(const project::project &p, const options &how) {
    selected out;
    registry::require_models(p);
    out.all = project::dependencies(p);
    out.nodes = registry::built_dependencies(p, out.all);
    if (in_hook()) // it would build what is being built
        throw error("55000", "a hook can't call baro_transform()", "",
                    "Let the models depend on each other by ref(); one call builds them in order.");
    std::set<std::string> seeds;
    const auto chosen = graph::select_nodes(out.all, project::traits_of(p), how.selection, how.exclude);
    out.blocked = registry::tell_blocked(p, chosen);
    for (const std::string &name : chosen) {
        if (p.find_seed(name))
            seeds.insert(name);
        const project::model *m = p.find_model(name);
        if (!m || m->is(project::materialization::ephemeral))
            continue;
        out.models.insert(name);
        out.locks.emplace_back("model", name);
        for (const std::string &parent : out.nodes.parents(name)) // seeds are loaded for those who read them
            if (p.find_seed(parent))
                seeds.insert(parent);
    }
    const build_records builds = seeds.empty() ? build_records() : read_loads_of_seeds();
    const auto there = seeds.empty() ? std::map<std::string, pg::oid>() : find_seeds(p);
    for (const std::string &name : seeds) {
        const project::seed &seed = *p.find_seed(name);
        const auto file = find_seed_file(p, seed);
        // Only what will be loaded, or described anew, is locked: other calls may need the same seed.
        if (!file || (!how.full_refresh && reason_to_load(seed, file->hash, builds, there).empty() &&
                      builds.at({"seed", name}).has == relation::attributes_of(seed)))
            continue;
        out.seeds.insert(name);
        out.locks.emplace_back("seed", name);
    }
    if (must_make_functions(p, how.full_refresh))
        out.locks.emplace_back("functions of project", p.name);
    std::sort(out.locks.begin(), out.locks.end());
    if (pg::has_citus())
        out.spread_sources = find_spread_sources(p, out);
    return out;
}

void lock(const selected &what) {
    for (const auto &[kind, name] : what.locks)
        pg::lock_name(kind, name);
    for (const pg::oid table : what.spread_sources)
        pg::lock_against_writes(table);
}

} // namespace barometre::model::transform
