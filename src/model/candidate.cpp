#include "model/candidate.h"
#include "model/publish.h"
#include "registry/change.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

namespace {

/// Locks the tables whose rows change, one after the other in the order of their OIDs, so that two publications never
/// wait for each other in a circle.
void lock_tables(const std::vector<candidate> &all) {
    std::map<Oid, std::string> tables;
    for (const candidate &c : all)
        if (c.is_table_again() && c.changes() && !c.columns.any())
            tables[c.target] = pg::qualified(c.schema, c.name);
    std::string list;
    for (const auto &[oid, name] : tables)
        list += (list.empty() ? "" : ", ") + name;
    if (!list.empty())
        pg::script("LOCK TABLE " + list + " IN ROW EXCLUSIVE MODE");
}

/// What readers can't be spared: columns that change, a view whose SQL changed, a table that becomes a view. Comes last,
/// because it holds readers up until the commit.
void publish_under_lock(const project::project &p, const graph &nodes, std::vector<candidate> &all) {
    std::vector<Oid> locked;
    for (const candidate &c : all)
        if (c.published != 0 && (c.columns.any() || !c.is_table_again()))
            locked.push_back(c.target);
    if (!locked.empty())
        lock_exclusively(locked);
    views_aside aside(p, nodes);
    for (candidate &c : all) {
        if (c.is_table_again()) {
            if (!c.columns.any())
                continue;
            std::vector<std::string> needed = c.columns.removed;
            for (const pg::table_column &r : c.columns.retyped)
                needed.push_back(r.name);
            if (!needed.empty())
                aside.take(c.node, needed);
            replace_with_columns(c.schema, c.name, c.built, c.columns);
            continue;
        }
        std::vector<std::string> grants;
        if (c.published != 0 && (c.published == 'v') != c.view) { // it becomes something else
            const std::string relation = pg::qualified(c.schema, c.name);
            aside.take(c.node, {});
            grants = grants_of(relation);
            drop_relation(c.schema, c.name, c.published);
        }
        if (c.view)
            publish_view(p, *c.model, aside);
        else if (!c.built.empty())
            publish_new(c.schema, c.name, c.built);
        for (const std::string &grant : grants)
            pg::script(grant);
    }
    aside.restore();
}

} // namespace

void compare_with_published(const project::project &p, candidate &c) {
    step &done = c.done;
    if (!c.is_table_again()) {
        done.inserted = done.records;
        return;
    }
    const auto have = pg::columns_of(c.schema, c.name);
    c.columns = compare_columns(have, pg::columns_of(c.schema, c.built));
    if (c.columns.any()) {
        check_dependents(p, c.node, c.columns);
        done.inserted = done.records;
        done.deleted = pg::sql("SELECT count(*) FROM " + pg::qualified(c.schema, c.name)).number(0, 0);
        return;
    }
    const std::int64_t memory = pg::sql("SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem'))").number(0, 0);
    c.rows = pg::compare_rows(c.target, pg::oid_of(pg::qualified(c.schema, c.built)), static_cast<std::size_t>(memory));
    done.inserted = static_cast<std::int64_t>(c.rows.missing.size());
    done.deleted = static_cast<std::int64_t>(c.rows.gone.size());
    done.unchanged = c.rows.kept;
    done.records = done.inserted + done.unchanged;
}

void publish(const project::project &p, const graph &nodes, std::vector<candidate> &all, const std::string &snapshot) {
    lock_tables(all);
    for (const candidate &c : all)
        if (c.is_table_again() && !c.columns.any() && c.changes())
            apply_difference(c.schema, c.name, c.built, c.rows);
    publish_under_lock(p, nodes, all);
    // What the transaction changed is stamped before it is noted what its builds saw.
    for (candidate &c : all) {
        const std::string relation = pg::qualified(c.schema, c.name);
        c.record.relation = pg::oid_of(relation);
        if (c.changes())
            stamp_change(c.record.relation, true);
    }
    for (candidate &c : all) {
        const auto &columns = c.model ? c.model->columns : c.seed->columns;
        const std::string &description = c.model ? c.model->description : c.seed->description;
        const std::string described = description_hash(description, columns);
        if (c.record.description != described || c.published == 0)
            describe_table(c.schema, c.name, c.view ? 'v' : 'r', description, columns);
        c.record.description = described;
        c.record.rows = c.view ? -1 : c.done.records;
        // As autovacuum would, but before anybody reads.
        if (!c.view && (c.done.inserted + c.done.deleted) * 10 > c.done.records)
            pg::script("ANALYZE " + pg::qualified(c.schema, c.name));
        write_build(c.model ? "model" : "seed", c.node, c.record, c.inputs, snapshot);
    }
}

} // namespace barometre::model
