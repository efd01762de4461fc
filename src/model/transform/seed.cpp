#include "model/transform/seed.h"
#include "core/graph/dag.h"
#include "core/interrupts.h"
#include "core/project/dependencies.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "model/relation/attributes.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/relation/target.h"
#include "model/staleness.h"
#include "model/transform/hooks.h"
#include "model/transform/publish.h"
#include "pg/claim.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/compile.h"
#include "registry/spreading.h"
#include "run/record.h"

#include <algorithm>
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

relation::candidate make_seed(const project::project &p, const project::seed &seed, const seed_file &file,
                              workshop &shop, bool hooks) {
    relation::candidate c;
    c.node = seed.name;
    c.name = seed.relation();
    c.schema = seed.schema;
    c.seed = &seed;
    c.done.kind = "seed";
    c.done.name = seed.name;
    if (hooks && relation::kind_as_published(pg::relation_kind(c.schema, c.name)) == 'r')
        registry::keep_spread(c.what(), seed.spread, c.schema, c.name);
    c.published = relation::find_published(c.schema, c.name);
    relation::check_seed_target(seed.name, c.target(), c.published.kind);
    c.record.query = file.hash;
    if (hooks && !seed.pre_hooks.empty()) {
        pg::claim_schema(c.schema);
        pg::claim_relation(c.schema, c.name, pg::claim_lock::writes);
        c.hook_wrote = run_hooks(p, seed, seed.pre_hooks, "pre_hook of seed", false);
    }
    c.built = shop.new_name();
    fill_seed(p, seed, file, c.built, c.done);
    shop.place(seed.name, c.schema, c.built, 'r');
    registry::check_spread_column(c.what(), seed.spread, c.schema, c.built);
    registry::check_kept_column(c.what(), c.schema, c.name, c.built);
    if (relation::needs_copy(c))
        c.copy = shop.make_empty(c.node, c.schema, c.target());
    return c;
}

relation::candidate build_seed(const project::project &p, const project::seed &seed, const seed_file &file,
                               workshop &shop, bool hooks) {
    stopwatch watch;
    relation::candidate c = make_seed(p, seed, file, shop, hooks);
    relation::compare_with_published(p, c);
    c.done.seconds = watch.seconds();
    return c;
}

void keep_unchanged_seed(const project::seed &seed, const build_record &known) {
    registry::keep_spread("seed " + text::quoted(seed.name), seed.spread, seed.schema, seed.relation());
    const attributes wanted = relation::attributes_of(seed);
    if (known.has == wanted)
        return;
    relation::apply_attributes(seed, known.has);
    write_attributes("seed", seed.name, wanted);
}

namespace {

/// Publishes them; of an error it says whose it is.
void publish_seeds(const project::project &p, const graph::dag &nodes, std::vector<relation::candidate> &built) {
    const relation::candidate *at = nullptr;
    try {
        publish_all(p, nodes, built, pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0), at);
    } catch (error &e) {
        if (at && !e.is_intervention() && e.message.find(text::quoted(at->node)) == std::string::npos)
            e.message = "seed " + text::quoted(at->node) + ": " + e.message;
        throw;
    }
}

} // namespace

std::vector<loaded_seed> load_seeds(const project::project &p, const std::vector<const project::seed *> &seeds,
                                    const std::function<void(std::size_t, const project::seed &)> &begin) {
    if (in_hook() && std::any_of(seeds.begin(), seeds.end(), [](const project::seed *s) {
            return !s->pre_hooks.empty() || !s->post_hooks.empty();
        })) // one of them may call for it
        throw error("55000", "a hook can't call baro_seed() for seeds that have hooks", "",
                    "Let models read seeds by ref(); they are loaded before.");
    for (const project::seed *seed : seeds)
        registry::check_distribution("seed " + text::quoted(seed->name), seed->spread);
    std::vector<loaded_seed> out;
    std::vector<std::optional<seed_file>> files;
    for (const project::seed *seed : seeds) {
        files.push_back(find_seed_file(p, *seed));
        if (files.back())
            pg::lock_name("seed", seed->name);
    }
    const build_records builds = read_loads_of_seeds();
    const std::map<std::string, pg::oid> there = find_seeds(p);
    const graph::dag nodes = registry::built_dependencies(p, project::dependencies(p));
    workshop shop(p, nodes);
    std::vector<relation::candidate> built;
    std::vector<std::size_t> places; // of those in `out`
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        const project::seed &seed = *seeds[i];
        begin(i + 1, seed);
        check_interrupts();
        const pg::heard_warnings heard;
        stopwatch watch;
        run::step done;
        done.kind = "seed";
        done.name = seed.name;
        const auto known = builds.find({"seed", seed.name});
        if (!files[i]) {
            done.status = "skipped";
            done.why = "its file is missing";
            pg::warning("seed \"" + seed.name + "\": its file is missing", cure(p, seed.name));
            out.push_back({seed_state::missing, done});
        } else if (reason_to_load(seed, files[i]->hash, builds, there).empty()) {
            keep_unchanged_seed(seed, known->second);
            done.status = "unchanged";
            done.files = 1;
            done.records = done.unchanged = known->second.rows;
            done.seconds = watch.seconds();
            done.why = "its file did not change";
            out.push_back({seed_state::unchanged, done});
        } else {
            built.push_back(build_seed(p, seed, *files[i], shop));
            if (known != builds.end())
                built.back().record.has = known->second.has;
            places.push_back(i);
            out.push_back({seed_state::loaded, {}});
        }
        out.back().done.warnings = heard.all();
    }
    if (built.empty())
        return out;
    const pg::heard_warnings heard;
    publish_seeds(p, nodes, built);
    shop.clear();
    for (std::size_t i = 0; i < built.size(); ++i) {
        run::step &done = out[places[i]].done;
        std::swap(built[i].done.warnings, done.warnings);
        done = built[i].done;
    }
    for (const pg::told_warning &w : heard.all()) { // of the seed that it names
        const auto of = std::find_if(built.begin(), built.end(), [&](const relation::candidate &c) {
            return w.message.find(text::quoted(c.node)) != std::string::npos;
        });
        out[places[of == built.end() ? 0 : static_cast<std::size_t>(of - built.begin())]].done.warnings.push_back(w);
    }
    return out;
}

} // namespace barometre::model::transform
