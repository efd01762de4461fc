#include "model/candidate.h"
#include "model/apply.h"
#include "model/publish.h"
#include "pg/relations.h"
#include "registry/change.h"

#include <algorithm>

namespace barometre::model {

namespace {

void count_difference(candidate &c) {
    const std::int64_t memory = pg::sql("SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem'))").number(0, 0);
    c.compared_at = std::make_shared<pg::seen_state>();
    c.rows = std::make_shared<pg::row_difference>(
        pg::compare_rows(c.target, pg::oid_of(pg::qualified(c.schema, c.built)), static_cast<std::size_t>(memory)));
    c.done.inserted = static_cast<std::int64_t>(c.rows->missing.size());
    c.done.deleted = static_cast<std::int64_t>(c.rows->gone.size());
    c.done.unchanged = c.rows->kept;
    c.done.records = c.done.inserted + c.done.unchanged;
}

bool becomes_other_kind(const candidate &c) { return c.published != 0 && (c.published == 'v') != c.view; }

/// Locks the tables that are built again, one after the other in the order of their OIDs, so that two publications never
/// wait for each other in a circle, and sees that they are still what they were compared with. Who writes from now on
/// writes after the publication.
void lock_tables(const std::vector<candidate> &all, const candidate *&at) {
    std::map<Oid, const candidate *> tables;
    for (const candidate &c : all)
        if (c.is_table_again())
            tables[c.target] = &c;
    for (const auto &[oid, c] : tables) {
        at = c;
        pg::script("LOCK TABLE ONLY " + pg::qualified(c->schema, c->name) + " IN ROW EXCLUSIVE MODE");
        if (c->compared_at && c->compared_at->others_wrote(oid))
            changed_by_others(pg::qualified(c->schema, c->name));
    }
}

/// Takes published tables to their new columns, which holds readers up until the commit.
void change_columns(std::vector<candidate> &all, views_aside &aside, const candidate *&at) {
    std::vector<Oid> locked;
    for (const candidate &c : all)
        if (c.is_table_again() && c.columns.any())
            locked.push_back(c.target);
    if (!locked.empty())
        lock_exclusively(locked);
    for (candidate &c : all) {
        at = &c;
        if (!c.is_table_again() || !c.columns.any())
            continue;
        std::vector<std::string> needed = c.columns.removed;
        for (const pg::table_column &r : c.columns.retyped)
            needed.push_back(r.name);
        if (!needed.empty())
            aside.take(c.node, needed);
        alter_columns(c.schema, c.name, c.columns);
        count_difference(c);
    }
}

/// Views, new tables, and what becomes another kind of relation.
void make_relations(const project::project &p, std::vector<candidate> &all, views_aside &aside, const candidate *&at) {
    std::vector<Oid> locked;
    for (const candidate &c : all)
        if (c.published != 0 && !c.is_table_again() && !c.same_view && !aside.took(c.node))
            locked.push_back(c.target);
    if (!locked.empty())
        lock_exclusively(locked);
    for (const candidate &c : all) {
        at = &c;
        if (c.is_table_again() || c.same_view)
            continue;
        keepsakes kept;
        const std::string relation = pg::qualified(c.schema, c.name);
        const bool other = becomes_other_kind(c) && !aside.took(c.node);
        if (other) {
            aside.take(c.node, {});
            kept = keepsakes(relation);
            drop_relation(c.schema, c.name, c.published);
        }
        if (c.view)
            publish_view(p, *c.model, aside);
        else if (!c.built.empty())
            publish_new(c.schema, c.name, c.built);
        if (other)
            kept.give_back(c.view);
    }
}

} // namespace

void compare_with_published(const project::project &p, candidate &c) {
    if (becomes_other_kind(c))
        check_views_on(p, c.node, c.view ? ": the table can't become a view" : ": the view can't become a table");
    if (!c.is_table_again()) {
        c.done.inserted = c.done.records;
        return;
    }
    c.columns = compare_columns(pg::collated_columns_of(c.schema, c.name), pg::collated_columns_of(c.schema, c.built));
    if (c.columns.any())
        check_dependents(p, c.node, c.columns);
    else
        count_difference(c);
}

void publish(const project::project &p, const graph &nodes, std::vector<candidate> &all, const std::string &snapshot, const candidate *&at) {
    views_aside aside(p, nodes);
    lock_tables(all, at);
    change_columns(all, aside, at);
    std::vector<candidate *> tables;
    for (candidate &c : all)
        if (c.is_table_again() && c.rows_differ())
            tables.push_back(&c);
    apply_differences(tables, at);
    make_relations(p, all, aside, at);
    at = nullptr;
    aside.restore();

    // What the transaction changed is stamped before it is noted what its builds saw.
    const std::map<std::string, Oid> there = find_nodes(p);
    for (candidate &c : all) {
        c.record.relation = there.at(c.node);
        if (c.changes())
            stamp_change(c.record.relation, true);
    }
    for (candidate &c : all) {
        at = &c;
        const auto &columns = c.model ? c.model->columns : c.seed->columns;
        const std::string &description = c.model ? c.model->description : c.seed->description;
        const std::string described = description_json(description, columns);
        if (c.record.description != described || (!c.is_table_again() && !c.same_view) || c.columns.any())
            describe_table(c.schema, c.name, c.view ? 'v' : 'r', description, columns, c.record.description);
        c.record.description = described;
        c.record.rows = c.view ? -1 : c.done.records;
        // As autovacuum would, but before anybody reads.
        if (!c.view && (c.done.inserted + c.done.deleted) * 10 > c.done.records)
            pg::script("ANALYZE " + pg::qualified(c.schema, c.name));
        if (c.view)
            c.inputs = {{"self", c.record.relation, c.node, pg::sql("SELECT " + view_hash("$1::oid"), {std::to_string(c.record.relation)}).text(0, 0)}};
        for (input &i : c.inputs)
            if (i.kind == "relation")
                if (auto found = there.find(i.name); found != there.end())
                    i.object = found->second;
        write_build(c.model ? "model" : "seed", c.node, c.record, c.inputs, snapshot);
    }
    at = nullptr;
}

} // namespace barometre::model
