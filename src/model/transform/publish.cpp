#include "model/transform/publish.h"
#include "core/graph/dag.h"
#include "core/text/text.h"
#include "model/definition_hash.h"
#include "model/relation/apply.h"
#include "model/relation/attributes.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/relation/lock.h"
#include "model/relation/make.h"
#include "model/relation/swap.h"
#include "model/relation/views.h"
#include "model/transform/hooks.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/change.h"
#include "registry/compile.h"
#include "registry/registration.h"
#include "run/record.h"

#include <algorithm>
#include <map>

namespace barometre::model::transform {

namespace {

/// Locks the tables that are built again, one after the other in the order of their OIDs, so that two publications
/// never wait for each other in a circle, and sees that they are still what they were compared with. Who writes from
/// now on writes after the publication.
void lock_tables(const std::vector<relation::candidate> &all, const relation::candidate *&at) {
    std::map<pg::oid, const relation::candidate *> tables;
    for (const relation::candidate &c : all)
        if (c.table_stays())
            tables[c.published.oid] = &c;
    for (const auto &[oid, c] : tables) {
        at = c;
        pg::project_script("LOCK TABLE " + c->published_rows() + " IN ROW EXCLUSIVE MODE");
        pg::claim_relation(c->schema, c->name, pg::claim_lock::writes);
        if (relation::others_wrote(*c))
            relation::changed_by_others(c->target());
    }
    // A materialized view that stays takes no lock: whoever fills it later does so for all who read it.
    for (const relation::candidate &c : all)
        if (c.kind == 'm' && !c.by_difference() && !c.changes()) {
            at = &c;
            if (relation::others_wrote(c))
                relation::changed_by_others(c.target());
        }
}

/// Locks what is published of `some`, all or nothing. Where it has to be given up, `at` is the one in the way.
void lock_published(const std::vector<const relation::candidate *> &some, const relation::candidate *&at) {
    std::map<pg::oid, const relation::candidate *> tables;
    for (const relation::candidate *c : some)
        tables[c->published.oid] = c;
    std::vector<pg::oid> oids;
    for (const auto &[oid, c] : tables)
        oids.push_back(oid);
    pg::oid taken = pg::no_oid;
    at = nullptr;
    try {
        relation::lock_exclusively(oids, &taken);
    } catch (const error &) {
        if (auto found = tables.find(taken); found != tables.end())
            at = found->second;
        throw;
    }
}

/// Where the rows of its published table are.
std::string file_of(const relation::candidate &c) {
    return pg::sql("SELECT pg_catalog.pg_relation_filenode($1::oid::regclass)", {std::to_string(c.published.oid)})
        .text(0, 0);
}

/// Takes published tables to their new columns, which holds readers up until the commit.
void change_columns(std::vector<relation::candidate> &all, relation::views_aside &aside,
                    const relation::candidate *&at) {
    std::vector<const relation::candidate *> changed;
    for (const relation::candidate &c : all)
        if (c.by_difference() && c.difference.columns.any())
            changed.push_back(&c);
    lock_published(changed, at);
    for (relation::candidate &c : all) {
        at = &c;
        if (!c.by_difference() || !c.difference.columns.any())
            continue;
        std::vector<std::string> needed = c.difference.columns.removed;
        for (const pg::table_column &r : c.difference.columns.retyped)
            needed.push_back(r.name);
        if (!needed.empty())
            aside.take(c.node, needed);
        relation::drop_indexes_on(c.schema, c.name, c.difference.columns.retyped);
        const std::string rows_were_in = file_of(c);
        relation::alter_columns(c.schema, c.name, c.difference.columns);
        if (!c.is_delta)
            relation::compare_table(c);
        else if (c.copy.empty() && file_of(c) != rows_were_in) // what the difference says is of other places
            throw error(sqlstate::internal, "the rows of " + c.target() + " were written anew with its columns");
    }
}

/// Makes a relation, or gives it another definition. What is in its way goes, and what hung on that is given back.
void make_anew(const project::project &p, const relation::candidate &c, relation::views_aside &aside) {
    relation::keepsakes kept;
    const bool goes = c.published.kind != 0 && (c.becomes_other_kind() || c.kind == 'm') && !aside.took(c.node);
    if (goes) {
        aside.take(c.node, {});
        kept = relation::keepsakes(c.target());
        relation::drop_relation(c.schema, c.name, c.published.kind);
    }
    if (c.kind == 'v')
        relation::publish_view(p, *c.model, aside);
    else if (c.kind == 'm')
        relation::make_view(p, *c.model, 'm');
    else if (!c.built.empty())
        relation::make_table(c.of(), c.name, c.built);
    if (goes)
        kept.give_back(c.kind);
}

/// What stays no table: views of both kinds, new tables, and what becomes another kind of relation. Views that were
/// taken aside are made again where others may read them.
void make_relations(const project::project &p, const graph::dag &nodes, const std::vector<relation::candidate> &all,
                    relation::views_aside &aside, const relation::candidate *&at) {
    std::vector<const relation::candidate *> replaced;
    std::map<std::string, const relation::candidate *> mine;
    for (const relation::candidate &c : all) {
        if (c.published.kind != 0 && c.way() == relation::publication::anew && !aside.took(c.node))
            replaced.push_back(&c);
        mine[c.node] = &c;
    }
    lock_published(replaced, at);
    auto make = [&](const relation::candidate &c) {
        if (c.table_stays())
            return;
        if (aside.took(c.node) && c.kind != 'r')
            aside.restore(c.node, c.kind, !c.changes());
        else if (c.way() == relation::publication::anew)
            make_anew(p, c, aside);
        else if (c.changes())
            relation::refresh_view(c.schema, c.name);
    };
    for (const std::string &node : nodes.order()) {
        if (auto found = mine.find(node); found != mine.end()) {
            at = found->second;
            make(*at);
        }
        at = nullptr;
        aside.restore(node);
    }
    aside.restore_all();
}

/// Lets the project's readers read what is new. baro_grant() did it for what was there before; default
/// privileges would open whatever else the owner makes in that schema.
void open_to_readers(const project::project &p, const relation::candidate &c) {
    for (const std::string &reader : p.roles.readers) {
        if (reader.starts_with("pg_") || !pg::role_oid(reader))
            continue;
        const std::string role = pg::quote_identifier(reader);
        pg::project_script("GRANT SELECT ON " + c.target() + " TO " + role);
        // A schema that was made for it. One that is another's is opened by that one.
        if (pg::sql("SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = $1 AND pg_has_role(n.nspowner, 'USAGE') "
                    "AND NOT has_schema_privilege($2::name, n.oid, 'USAGE')",
                    {c.schema, reader})
                .processed)
            pg::project_script("GRANT USAGE ON SCHEMA " + pg::quote_identifier(c.schema) + " TO " + role);
    }
}

/// Says that what a node was before is still there, when its schema or alias changed.
void tell_old_place(const std::string &kind, const relation::candidate &c) {
    const auto old = last_place(kind, c.node);
    if (old && *old != std::pair(c.schema, c.name))
        registry::tell_what_stays(old->first, old->second);
}

/// Analyzes as autovacuum would, but before anybody reads. Of a table that changed less, the days that it covers are
/// looked at, since a day that came is what most ask for: of a large one twice a day at most. One that somebody else
/// maintains is left to autovacuum.
void renew_statistics(const relation::candidate &c) {
    const std::int64_t changed = c.done.inserted + c.done.deleted;
    if (c.kind == 'v' || changed == 0 ||
        !pg::distribution_of(c.record.relation).is_local()) // whose nodes look at their own
        return;
    // Who makes an index CONCURRENTLY has that lock, and waits for this transaction.
    if (!pg::try_maintenance_lock(c.record.relation))
        return;
    if (changed * 10 > c.done.records)
        return pg::project_script("ANALYZE " + c.target());
    const auto days = pg::sql(
        "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ') FROM pg_catalog.pg_class r JOIN "
        "pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN "
        "('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) WHERE r.oid = $1::oid AND (r.relpages < 2000 "
        "OR "
        "(greatest(pg_catalog.pg_stat_get_last_analyze_time(r.oid), "
        "pg_catalog.pg_stat_get_last_autoanalyze_time(r.oid)) > "
        "pg_catalog.now() - interval '12 hours') IS NOT TRUE)",
        {std::to_string(c.record.relation)});
    if (days.at(0, 0))
        pg::project_script("ANALYZE " + c.target() + " (" + days.text(0, 0) + ")");
}

/// Completes what is to be noted of a node that was built, and gives it what it has beside its rows. `there`: the nodes
/// that are published.
void complete_build(const project::project &p, relation::candidate &c, const std::map<std::string, pg::oid> &there) {
    const bool anew = c.way() == relation::publication::anew || c.difference.columns.any();
    const pg::heard_warnings heard;
    if (c.model)
        relation::apply_attributes(*c.model, c.kind, c.record.has, anew);
    else
        relation::apply_attributes(*c.seed, c.record.has, anew);
    if (c.published.kind == 0) // what takes another's place has that one's grants
        open_to_readers(p, c);
    c.record.has = c.model ? relation::attributes_of(*c.model) : relation::attributes_of(*c.seed);
    c.record.rows = c.kind == 'v' ? -1 : c.done.records;
    if (c.kind != 'v')
        c.done.rows = c.done.records;
    if (!c.swaps) // which brings its own
        renew_statistics(c);
    if (c.kind == 'v')
        c.inputs.clear();
    if (c.kind != 'r')
        c.inputs.push_back({"self", c.record.relation, c.node,
                            pg::sql("SELECT " + view_hash("$1::oid"), {std::to_string(c.record.relation)}).text(0, 0)});
    for (input &i : c.inputs)
        if (i.kind == "relation")
            if (auto found = there.find(i.name); found != there.end())
                i.object = found->second;
    if (c.published.kind == 0)
        tell_old_place(c.model ? "model" : "seed", c);
    c.done.warnings = heard.all();
}

/// Whether others may be waiting already for what this publication locked.
bool holds_up_readers(const std::vector<relation::candidate> &all) {
    return std::any_of(all.begin(), all.end(), [](const relation::candidate &c) {
        return c.difference.columns.any() || (c.published.kind != 0 && c.way() == relation::publication::anew);
    });
}

} // namespace

void publish_all(const project::project &p, const graph::dag &nodes, std::vector<relation::candidate> &all,
                 const std::string &snapshot, const relation::candidate *&at) {
    if (all.empty())
        return;
    relation::views_aside aside(p, nodes);
    lock_tables(all, at);
    change_columns(all, aside, at);
    std::vector<relation::candidate *> tables;
    for (relation::candidate &c : all)
        if (c.by_difference() && c.difference.any_rows())
            tables.push_back(&c);
    relation::apply_differences(tables, at);
    make_relations(p, nodes, all, aside, at);
    at = nullptr;

    // What the transaction changed is stamped before it is noted what its builds saw.
    const std::map<std::string, pg::oid> there = find_nodes(p);
    for (relation::candidate &c : all) {
        c.record.relation = there.at(c.node);
        if (c.changes())
            registry::stamp_change(c.record.relation, true);
    }
    std::vector<std::string> changed_late; // by hooks
    for (relation::candidate &c : all) {
        at = &c;
        complete_build(p, c, there);
    }
    at = nullptr;
    std::vector<build_written> builds;
    for (const relation::candidate &c : all)
        builds.push_back({c.model ? "model" : "seed", c.node, &c.record, &c.inputs});
    write_builds(builds, snapshot);
    relation::swap_tables(all, holds_up_readers(all), renew_statistics, at);
    for (relation::candidate &c : all) {
        at = &c;
        const bool late = c.model ? run_hooks(p, *c.model, c.model->post_hooks, "post_hook of model", c.goes_on)
                                  : run_hooks(p, *c.seed, c.seed->post_hooks, "post_hook of seed", false);
        if (late)
            changed_late.push_back(c.node);
    }
    at = nullptr;
    for (const std::string &node : changed_late)
        write_late_change(node);
}

namespace {

/// Says where a model was made from what readers know of another one that changes: it will be built again.
void tell_old_versions(work &w, const built &b, const omissions &omitted,
                       std::vector<relation::candidate> &candidates) {
    for (relation::candidate &c : candidates)
        for (const auto &[node, through] : c.read_published) {
            if (!b.changed.count(node) || omitted.has(node) || c.kind == 'v')
                continue;
            c.record.always = "it read " + node + " as it was published before, through " + through;
            const work::subject about(w, c.node);
            pg::warning("model \"" + c.node + "\" reads \"" + node + "\" as it was published before, through " +
                            through,
                        "Let the model read it by ref('" + node +
                            "'), or make the view a model of the project. It is built again by the next call.");
        }
}

/// Drops new tables that were made in their place, and are left out.
void drop_left_out(const work &w, const built &b, const omissions &omitted) {
    for (auto c = b.candidates.rbegin(); c != b.candidates.rend(); ++c)
        if (omitted.has(c->node) && c->published.kind == 0 && c->built.empty() && registry::node_exists(w.p, c->node))
            relation::drop_relation(c->schema, c->name, 'r');
}

/// Says of which node an error is, and what to do.
void explain(error &e, const relation::candidate &c) {
    if (e.message.find(text::quoted(c.node)) == std::string::npos)
        e.message = c.done.kind + " " + text::quoted(c.node) + ": " + e.message;
    if (e.sqlstate == "42501" && e.message.find("security-restricted") != std::string::npos)
        e.hint = "Connect as role " + pg::quote_identifier(pg::role_name(pg::current_role())) +
                 ", and call it again: after SET ROLE what waits for the commit could go back to your role.";
}

} // namespace

published publish(work &w, const built &b, const audited &a) {
    std::vector<relation::candidate> candidates = b.candidates;
    tell_old_versions(w, b, a.omitted, candidates);
    published out;
    out.omitted = a.omitted;
    w.show_progress("publishing");
    w.shop.clear_views(); // what they show is in tables now
    drop_left_out(w, b, out.omitted);
    for (;;) {
        out.candidates.clear();
        for (const relation::candidate &c : candidates)
            if (!out.omitted.has(c.node))
                out.candidates.push_back(c);
        const relation::candidate *at = nullptr;
        try {
            w.attempt([&] { publish_all(w.p, w.what.nodes, out.candidates, b.snapshot, at); });
            break;
        } catch (error &e) {
            if (!at || e.is_intervention())
                throw;
            explain(e, *at);
            run::step &step = w.steps.at(at->node);
            step.sqlstate = e.sqlstate;
            step.message = e.message;
            step.status = "failed";
            if (w.is_fatal(e))
                throw;
            const work::subject about(w, at->node);
            pg::warning(e.message, e.hint, e.detail);
            leave_out(w, candidates, out.omitted, at->node, "it could not be published");
            drop_left_out(w, b, out.omitted);
        }
    }
    for (const relation::candidate &c : out.candidates)
        w.steps[c.node] = c.done;
    w.shop.clear();
    return out;
}

} // namespace barometre::model::transform
