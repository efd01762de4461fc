#include "model/candidate.h"
#include "model/apply.h"
#include "model/hooks.h"
#include "model/publish.h"
#include "pg/named_rows.h"
#include "pg/relations.h"
#include "registry/change.h"

#include <algorithm>

namespace barometre::model {

namespace {

/// Of an increment: from here on its private tables are analyzed, and made without WAL.
constexpr std::int64_t many_rows = 50'000;
/// Places of rows that are looked up together, as their text takes memory.
constexpr std::size_t places_at_once = 500'000;

std::size_t memory_for_comparing() {
    return static_cast<std::size_t>(pg::sql("SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem'))").number(0, 0));
}

void count(candidate &c) {
    c.done.inserted = static_cast<std::int64_t>(c.rows->missing.size());
    c.done.deleted = static_cast<std::int64_t>(c.rows->gone.size());
    c.done.unchanged = c.rows->kept;
    c.done.records = c.done.inserted + c.done.unchanged;
}

void count_difference(candidate &c) {
    c.compared_at = std::make_shared<pg::seen_state>();
    c.rows = std::make_shared<pg::row_difference>(pg::compare_rows(c.target, pg::oid_of(pg::qualified(c.schema, c.built)), memory_for_comparing()));
    count(c);
}

bool becomes_other_kind(const candidate &c) { return c.published != 0 && c.published != c.kind; }

/// Locks the tables that are built again, one after the other in the order of their OIDs, so that two publications never
/// wait for each other in a circle, and sees that they are still what they were compared with. Who writes from now on
/// writes after the publication.
void lock_tables(const std::vector<candidate> &all, const candidate *&at) {
    std::map<pg::oid, const candidate *> tables;
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
    std::vector<pg::oid> locked;
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
        drop_indexes_on(c.schema, c.name, c.columns.retyped);
        alter_columns(c.schema, c.name, c.columns);
        if (!c.is_delta) // else columns were only added, and rows are where they were
            count_difference(c);
    }
}

/// Views of both kinds, new tables, and what becomes another kind of relation. Views that were taken aside are made again
/// where others may read them.
void make_relations(const project::project &p, const graph::dag &nodes, std::vector<candidate> &all, views_aside &aside, const candidate *&at) {
    std::vector<pg::oid> locked;
    std::map<std::string, const candidate *> mine;
    for (const candidate &c : all) {
        if (c.published != 0 && !c.is_table_again() && !c.same_definition && !aside.took(c.node))
            locked.push_back(c.target);
        mine[c.node] = &c;
    }
    if (!locked.empty())
        lock_exclusively(locked);
    auto make = [&](const candidate &c) {
        if (c.is_table_again())
            return;
        if (aside.took(c.node) && c.kind != 'r') {
            aside.restore(c.node, c.kind, !c.changes());
            return;
        }
        if (c.same_definition) {
            if (c.changes())
                refresh_view(c.schema, c.name);
            return;
        }
        keepsakes kept;
        const bool anew = c.published != 0 && (becomes_other_kind(c) || c.kind == 'm') && !aside.took(c.node);
        if (anew) {
            aside.take(c.node, {});
            kept = keepsakes(pg::qualified(c.schema, c.name));
            drop_relation(c.schema, c.name, c.published);
        }
        if (c.kind == 'v')
            publish_view(p, *c.model, aside);
        else if (c.kind == 'm')
            make_view(p, *c.model, 'm');
        else if (!c.built.empty())
            publish_new(c.schema, c.name, c.built);
        if (anew)
            kept.give_back(c.kind);
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

} // namespace

void compare_with_published(const project::project &p, candidate &c) {
    if (becomes_other_kind(c))
        check_views_on(p, c.node, std::string(": the ") + pg::kind_name(c.published) + " can't become a " + pg::kind_name(c.kind));
    else if (c.kind == 'm' && c.published == 'm' && !c.same_definition)
        check_views_on(p, c.node, ": the materialized view can't get another definition");
    if (!c.is_table_again() && !(c.kind == 'm' && c.same_definition)) {
        c.done.inserted = c.done.records;
        return;
    }
    c.columns = compare_columns(pg::collated_columns_of(c.schema, c.name), pg::collated_columns_of(c.schema, c.built));
    auto loses = [&](const char *column) { return std::find(c.columns.removed.begin(), c.columns.removed.end(), column) != c.columns.removed.end(); };
    if (c.model && loses("dbt_scd_id") && loses("dbt_valid_to"))
        throw error(sqlstate::contract, c.model->kind() + " \"" + c.node + "\": " + pg::qualified(c.schema, c.name) + " holds the history of a snapshot",
                    "A model in its place would delete it.", "Rename or drop that table, or give the model another name, alias or schema.");
    if (c.kind == 'm') {
        c.same_definition = !c.columns.any();
        c.has_data = pg::sql("SELECT FROM pg_catalog.pg_class WHERE oid = $1::oid AND relispopulated", {std::to_string(c.target)}).processed > 0;
    }
    if (c.columns.any())
        check_dependents(p, c.node, c.columns);
    else
        count_difference(c);
}

void compare_delta(candidate &c, const std::string &replaced, workshop &shop) {
    const std::string target = pg::qualified(c.schema, c.name), delta = pg::qualified(c.schema, c.built);
    c.is_delta = true;
    // The published rows are read by SQL, which in a transaction with one snapshot sees nothing later.
    c.compared_at = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    const std::int64_t total = pg::sql("SELECT count(*) FROM ONLY " + target).number(0, 0);
    // The rows whose place is taken, with that place: a table of their own, as comparing takes tables.
    std::string columns;
    for (const pg::table_column &column : pg::columns_of(c.schema, c.built)) {
        const bool added = std::any_of(c.columns.added.begin(), c.columns.added.end(), [&](const auto &a) { return a.name == column.name; });
        columns += (columns.empty() ? "" : ", ") + (added ? "NULL::" + column.type + " AS " : "t.") + pg::quote_identifier(column.name);
    }
    const std::string old_name = shop.new_name(), old = pg::qualified(c.schema, old_name);
    const bool large = c.done.records > many_rows;
    if (large) // else the join takes all its keys for the same few
        pg::script("ANALYZE " + delta);
    pg::sql((large ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ") + old + " AS SELECT t.ctid AS _baro_place, " + columns + " FROM ONLY " + target + " AS t WHERE " + replaced);
    shop.keep(c.node, c.schema, old_name);
    pg::row_difference found = pg::compare_rows(pg::oid_of(old), pg::oid_of(delta), memory_for_comparing(), "_baro_place");
    std::vector<pg::row_place> places;
    for (std::size_t from = 0; from < found.gone.size(); from += places_at_once) {
        const auto first = found.gone.begin() + static_cast<std::ptrdiff_t>(from);
        const pg::named_rows gone("_baro_gone", {first, first + static_cast<std::ptrdiff_t>(std::min(places_at_once, found.gone.size() - from))});
        const auto some = pg::row_places(pg::sql("SELECT o._baro_place FROM " + old + " AS o JOIN _baro_gone ON o.ctid = _baro_gone.id ORDER BY 1"), 0);
        places.insert(places.end(), some.begin(), some.end());
    }
    found.gone = std::move(places);
    found.kept = total - static_cast<std::int64_t>(found.gone.size());
    c.rows = std::make_shared<pg::row_difference>(std::move(found));
    count(c);
    const std::string view = shop.new_name();
    pg::sql("CREATE VIEW " + pg::qualified(c.schema, view) + " AS SELECT " + columns + " FROM ONLY " + target + " AS t WHERE NOT EXISTS (SELECT FROM " +
            old + " AS o WHERE o._baro_place = t.ctid) UNION ALL SELECT * FROM " + delta);
    shop.place(c.node, c.schema, view, 'v');
}

void publish(const project::project &p, const graph::dag &nodes, std::vector<candidate> &all, const std::string &snapshot, const candidate *&at) {
    views_aside aside(p, nodes);
    lock_tables(all, at);
    change_columns(all, aside, at);
    std::vector<candidate *> tables;
    for (candidate &c : all)
        if (c.is_table_again() && c.rows_differ())
            tables.push_back(&c);
    apply_differences(tables, at);
    make_relations(p, nodes, all, aside, at);
    at = nullptr;

    // What the transaction changed is stamped before it is noted what its builds saw.
    const std::map<std::string, pg::oid> there = find_nodes(p);
    for (candidate &c : all) {
        c.record.relation = there.at(c.node);
        if (c.changes())
            registry::stamp_change(c.record.relation, true);
    }
    std::vector<std::string> changed_late; // by hooks
    for (candidate &c : all) {
        at = &c;
        const bool anew = (!c.is_table_again() && !c.same_definition) || c.columns.any();
        if (c.model)
            apply_attributes(*c.model, c.kind, c.record.has, anew);
        else
            apply_attributes(*c.seed, c.schema, c.record.has, anew);
        c.record.has = c.model ? attributes_of(*c.model) : attributes_of(*c.seed);
        c.record.rows = c.kind == 'v' ? -1 : c.done.records;
        // As autovacuum would, but before anybody reads.
        if (c.kind != 'v' && (c.done.inserted + c.done.deleted) * 10 > c.done.records)
            pg::script("ANALYZE " + pg::qualified(c.schema, c.name));
        if (c.kind == 'v')
            c.inputs.clear();
        if (c.kind != 'r')
            c.inputs.push_back({"self", c.record.relation, c.node, pg::sql("SELECT " + view_hash("$1::oid"), {std::to_string(c.record.relation)}).text(0, 0)});
        for (input &i : c.inputs)
            if (i.kind == "relation")
                if (auto found = there.find(i.name); found != there.end())
                    i.object = found->second;
        write_build(c.model ? "model" : "seed", c.node, c.record, c.inputs, snapshot);
        if (c.model && run_hooks(p, *c.model, c.model->post_hooks, "post_hook", c.is_delta))
            changed_late.push_back(c.node);
    }
    at = nullptr;
    for (const std::string &node : changed_late)
        write_late_change(node);
}

} // namespace barometre::model
