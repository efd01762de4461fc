#include "model/relation/apply.h"
#include "core/error.h"
#include "core/graph/dag.h"
#include "model/relation/table_change.h"
#include "pg/spi.h"

#include <cstddef>
#include <memory>

namespace barometre::model::relation {

void changed_by_others(const std::string &target) {
    throw error("40001", "another session changed " + target + " while it was being built",
                "Nothing of it is published.",
                "Run again; let nothing but baro_transform() write into the tables of models.");
}

namespace {

using changes = std::vector<std::unique_ptr<table_change>>;

/// The tables so that each comes after those that its foreign keys refer to.
std::vector<table_change *> parents_first(const changes &tables) {
    std::vector<std::string> oids;
    for (const auto &t : tables)
        oids.push_back(std::to_string(t->c.published.oid));
    auto found = pg::sql("SELECT DISTINCT conrelid, confrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND "
                         "conrelid = ANY ($1::oid[]) "
                         "AND confrelid = ANY ($1::oid[]) AND conrelid <> confrelid",
                         {pg::array_literal(oids)});
    graph::dag keys;
    for (const std::string &oid : oids)
        keys.add_node(oid);
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        keys.add_edge(found.text(i, 1), found.text(i, 0));
    std::vector<std::string> order;
    try {
        order = keys.order();
    } catch (const error &) { // in a circle, where only deferred keys can help
        order = oids;
    }
    std::vector<table_change *> out;
    for (const std::string &oid : order)
        for (const auto &t : tables)
            if (std::to_string(t->c.published.oid) == oid)
                out.push_back(t.get());
    return out;
}

} // namespace

void apply_differences(const std::vector<candidate *> &candidates, const candidate *&at) {
    changes tables;
    for (const candidate *c : candidates)
        tables.push_back(c->copy.empty() ? change_in_heap(*c) : change_by_sql(*c));
    const auto order = parents_first(tables);
    auto each = [&](bool referenced, bool forward, void (table_change::*what)()) {
        for (std::size_t i = 0; i < order.size(); ++i) {
            table_change &t = *order[forward ? i : order.size() - 1 - i];
            at = &t.c;
            if (t.is_referenced() == referenced)
                (t.*what)();
        }
    };
    // Where nothing refers to a row, it goes first: the one that replaces it may have its unique key. A row that others
    // refer to stays as long as they may.
    each(false, false, &table_change::remove);
    each(true, true, &table_change::add_new_keys);
    each(true, true, &table_change::update);
    each(false, true, &table_change::add);
    each(true, false, &table_change::remove);
    each(true, true, &table_change::add); // under keys that were taken, or NULL
    at = nullptr;
}

} // namespace barometre::model::relation
