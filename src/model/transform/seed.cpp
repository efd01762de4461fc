#include "model/transform/seed.h"
#include "core/graph/dag.h"
#include "core/project/dependencies.h"
#include "core/stopwatch.h"
#include "model/relation/compare.h"
#include "model/relation/target.h"
#include "model/staleness.h"
#include "model/transform/publish.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/compile.h"
#include "run/record.h"

#include <vector>

namespace barometre::model::transform {

const char *seed_state_name(seed_state state) {
    switch (state) {
    case seed_state::loaded:
        return "loaded";
    case seed_state::unchanged:
        return "unchanged";
    default:
        return "missing";
    }
}

relation::candidate build_seed(const project::project &p, const project::seed &seed, const seed_file &file,
                               workshop &shop) {
    stopwatch watch;
    relation::candidate c;
    c.node = c.name = seed.name;
    c.schema = p.schema;
    c.seed = &seed;
    c.done.kind = "seed";
    c.done.name = seed.name;
    c.published.kind = pg::relation_kind(p.schema, seed.name);
    if (c.published.kind) {
        c.published.oid = pg::oid_of(registry::relation_of(p, seed.name));
        relation::check_heap("seed \"" + seed.name + "\"", registry::relation_of(p, seed.name));
    }
    c.record.query = file.hash;
    c.built = shop.new_name();
    fill_seed(p, seed, file, c.built, c.done);
    shop.place(seed.name, p.schema, c.built, 'r');
    relation::compare_with_published(p, c);
    c.done.seconds = watch.seconds();
    return c;
}

seed_state load_seed(const project::project &p, const project::seed &seed, run::step &done) {
    stopwatch watch;
    done.kind = "seed";
    done.name = seed.name;
    const auto file = find_seed_file(p, seed);
    if (!file) {
        done.status = "skipped";
        done.why = "its file is missing";
        pg::note_warning("seed \"" + seed.name + "\": its file is missing", cure(p, seed.name));
        return seed_state::missing;
    }
    pg::lock_name("seed", seed.name);
    const build_records builds = read_builds();
    const auto known = builds.find({"seed", seed.name});
    if (known != builds.end() && known->second.query == file->hash && pg::relation_exists(p.schema, seed.name)) {
        done.status = "unchanged";
        done.files = 1;
        done.records = done.unchanged = known->second.rows;
        done.seconds = watch.seconds();
        done.why = "its file did not change";
        return seed_state::unchanged;
    }
    const graph::dag nodes = registry::built_dependencies(p, project::dependencies(p));
    workshop shop(p, nodes);
    std::vector<relation::candidate> one{build_seed(p, seed, *file, shop)};
    if (known != builds.end())
        one.front().record.has = known->second.has;
    const relation::candidate *at = nullptr;
    publish_all(p, nodes, one, pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0), at);
    shop.clear();
    done = one.front().done;
    done.seconds = watch.seconds();
    return seed_state::loaded;
}

} // namespace barometre::model::transform
