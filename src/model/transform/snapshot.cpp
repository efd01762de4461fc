#include "model/transform/snapshot.h"
#include "core/error.h"
#include "model/relation/copy.h"
#include "model/transform/delta.h"
#include "pg/relations.h"
#include "pg/repeated_keys.h"
#include "pg/spi.h"

#include <cstdint>

namespace barometre::model::transform {

namespace {

std::vector<snapshot::column> plain(const std::vector<pg::table_column> &columns) {
    std::vector<snapshot::column> out;
    for (const pg::table_column &c : columns)
        out.push_back({c.name, c.type, pg::comparison_of(c.type)});
    return out;
}

/// Has the history read a private table in the place of the published one, whose rows have no places there, and which
/// may be read in simple queries alone.
void read_copy(relation::candidate &c, snapshot::history &h, workshop &shop) {
    relation::watch_others(c);
    const std::string name = shop.new_name(), copy = pg::qualified(c.schema, name);
    pg::project_sql("CREATE UNLOGGED TABLE " + copy + " USING heap AS " + snapshot::open_versions(h));
    shop.keep(c.node, c.schema, name);
    pg::project_sql("INSERT INTO " + copy + " " + snapshot::earlier_versions(h, copy));
    h.target = copy;
}

/// The condition for the published rows, as t, of which `delta` has the end.
std::string ended(const relation::candidate &c, const snapshot::history &h, workshop &shop) {
    if (c.copy.empty())
        return "t.ctid OPERATOR(pg_catalog.=) ANY (SELECT g.place FROM (" + snapshot::gone(h) + ") AS g)";
    const std::string name = shop.new_name(), ends = pg::qualified(c.schema, name);
    pg::project_sql("CREATE UNLOGGED TABLE " + ends + " USING heap AS SELECT t.dbt_scd_id FROM " + h.target +
                    " AS t JOIN (" + snapshot::gone(h) + ") AS g ON g.place OPERATOR(pg_catalog.=) t.ctid");
    shop.keep(c.node, c.schema, name);
    return "t.dbt_valid_to IS NULL AND EXISTS (SELECT FROM " + relation::beside_published(c, ends) + " AS e WHERE " +
           sql::comparison::by_text().equal("e.dbt_scd_id", "t.dbt_scd_id") + ")";
}

} // namespace

snapshot::history find_history(const project::model &m, const std::vector<pg::table_column> &source, char published) {
    snapshot::history h{.model = m, .source = {}, .source_columns = plain(source)};
    if (published == 0)
        return h;
    h.target = pg::qualified(m.schema, m.relation());
    if (published != 'r')
        throw error(sqlstate::contract,
                    "snapshot \"" + m.name + "\": " + h.target + " is there already, and is no table of a snapshot", "",
                    "Rename it, or give the snapshot another name, alias or schema.");
    h.target_columns = plain(pg::columns_of(m.schema, m.relation()));
    return h;
}

void build_versions(relation::candidate &c, const std::string &source, workshop &shop) {
    const project::model &m = *c.model;
    snapshot::history h = find_history(m, pg::columns_of(m.schema, source), c.published.kind);
    h.source = pg::qualified(m.schema, source);
    snapshot::check_columns(h);
    if (!c.copy.empty())
        read_copy(c, h, shop);
    const auto may_repeat = [&](const std::string &table, const std::string &open) {
        return !table.empty() && pg::may_repeat(pg::oid_of(table), m.snapshot.unique_key, open);
    };
    if (auto found =
            pg::project_sql(snapshot::faults(h, may_repeat(h.source, ""), may_repeat(h.target, "dbt_valid_to")));
        !found.empty())
        snapshot::refuse(h, found.text(0, "fault"), found.text(0, "example"), found.text(0, "rows"));
    if (c.published.kind == 0) {
        c.done.records = static_cast<std::int64_t>(
            pg::project_sql("CREATE TABLE " + c.target() + " AS " + snapshot::first_version(h)).processed);
        return;
    }
    for (const snapshot::column &column : snapshot::columns_after(h))
        if (!snapshot::find_column(h.target_columns, column.name))
            c.difference.columns.added.push_back({column.name, column.type});
    const std::string pairs = shop.new_name();
    h.pairs = pg::qualified(c.schema, pairs);
    pg::project_sql("CREATE TABLE " + h.pairs + " USING heap AS " + snapshot::pairs(h));
    shop.keep(c.node, c.schema, pairs);
    pg::analyze(h.pairs); // few of many, as a rule
    c.built = shop.new_name();
    pg::project_sql("CREATE TABLE " + c.made() + " AS " + snapshot::delta(h));
    shop.keep(m.name, m.schema, c.built);
    compare_delta(c, ended(c, h, shop), shop);
}

} // namespace barometre::model::transform
