#include "model/transform/snapshot.h"
#include "core/error.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/transform/delta.h"
#include "pg/named_rows.h"
#include "pg/relations.h"
#include "pg/repeated_keys.h"
#include "pg/spi.h"
#include "pg/version_difference.h"

#include <cstdint>
#include <memory>

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

/// More versions are copied without WAL: an unlogged table waits for the disk when it is made.
constexpr std::size_t many_versions = 50'000;

bool keys_may_repeat(const snapshot::history &h, const std::string &table, const std::string &open) {
    return !table.empty() && pg::may_repeat(pg::oid_of(table), h.model.snapshot.unique_key, open);
}

/// Refuses rows that can't be told apart. `open_repeats`: open versions of the table may have the same key.
void refuse_faults(const snapshot::history &h, bool open_repeats) {
    const auto found = pg::project_sql(snapshot::faults(h, keys_may_repeat(h, h.source, ""), open_repeats));
    if (!found.empty())
        snapshot::refuse(h, found.text(0, "fault"), found.text(0, "example"), found.text(0, "rows"));
}

/// Makes the rows that come into the published table.
void make_delta(relation::candidate &c, snapshot::history &h, workshop &shop) {
    const std::string pairs = shop.new_name();
    h.pairs = pg::qualified(c.schema, pairs);
    pg::project_sql("CREATE TABLE " + h.pairs + " USING heap AS " + snapshot::pairs(h));
    shop.keep(c.node, c.schema, pairs);
    pg::analyze(h.pairs); // few of many, as a rule
    c.built = shop.new_name();
    pg::project_sql("CREATE TABLE " + c.made() + " AS " + snapshot::delta(h));
    shop.keep(c.node, c.schema, c.built);
}

/// Has the history read a private table of the versions at these places, and of all that ended of rows which came back.
void read_versions(relation::candidate &c, snapshot::history &h, const pg::version_difference &found, workshop &shop) {
    const std::string name = shop.new_name(), table = pg::qualified(c.schema, name);
    const std::string row = "SELECT t.ctid AS _baro_place, t.* FROM " + h.target + " AS t ";
    {
        const pg::named_rows open("_baro_open", found.open);
        // As an array they are looked up one by one.
        pg::project_sql((found.open.size() > many_versions ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ") + table +
                        " USING heap AS " + row +
                        "WHERE t.ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT id FROM _baro_open))");
    }
    shop.keep(c.node, c.schema, name);
    if (found.came_back)
        pg::project_sql("INSERT INTO " + table + " " + snapshot::earlier_versions(h, table, "t.ctid, t.*"));
    h.target = table;
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

bool build_changes(relation::candidate &c, const std::string &source, const versions_compared &compare,
                   workshop &shop) {
    const project::model &m = *c.model;
    snapshot::history h = find_history(m, pg::columns_of(m.schema, source), c.published.kind);
    h.source = pg::qualified(m.schema, source);
    snapshot::check_columns(h);
    if (snapshot::columns_after(h).size() != h.target_columns.size())
        return false;
    pg::versions_kept what{.key = m.snapshot.unique_key,
                           .compared = snapshot::compared_columns(h),
                           .required = {},
                           .until = "dbt_valid_to",
                           .mark = {},
                           .marked = snapshot::deleted_mark,
                           .wants_absent = snapshot::follows_deletes(h)};
    if (!m.snapshot.updated_at.empty())
        what.required.push_back(m.snapshot.updated_at);
    if (snapshot::find_column(h.target_columns, snapshot::is_deleted))
        what.mark = snapshot::is_deleted;
    const auto seen = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    const auto found = compare(pg::oid_of(h.source), what);
    if (!found)
        return false;
    c.difference.seen = seen;
    if (found->put == 0 && found->open.empty()) {
        c.is_delta = c.stays = true;
        c.difference.rows = std::make_shared<pg::row_difference>(pg::row_difference{{}, {}, found->kept});
        relation::count_rows(c);
        pg::project_script("DROP TABLE " + h.source);
        return true;
    }
    shop.keep(m.name, m.schema, source);
    read_versions(c, h, *found, shop);
    refuse_faults(h, false);
    make_delta(c, h, shop);
    c.done.records = found->put;
    compare_delta(c,
                  "t.ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT o._baro_place FROM " + h.target + " AS o JOIN (" +
                      snapshot::gone(h) + ") AS g ON g.place OPERATOR(pg_catalog.=) o.ctid))",
                  shop, found->kept);
    return true;
}

void build_versions(relation::candidate &c, const std::string &source, workshop &shop) {
    const project::model &m = *c.model;
    snapshot::history h = find_history(m, pg::columns_of(m.schema, source), c.published.kind);
    h.source = pg::qualified(m.schema, source);
    snapshot::check_columns(h);
    if (!c.copy.empty())
        read_copy(c, h, shop);
    refuse_faults(h, keys_may_repeat(h, h.target, "dbt_valid_to"));
    if (c.published.kind == 0) {
        c.done.records = static_cast<std::int64_t>(
            pg::project_sql("CREATE TABLE " + c.target() + " AS " + snapshot::first_version(h)).processed);
        return;
    }
    for (const snapshot::column &column : snapshot::columns_after(h))
        if (!snapshot::find_column(h.target_columns, column.name))
            c.difference.columns.added.push_back({column.name, column.type});
    make_delta(c, h, shop);
    compare_delta(c, ended(c, h, shop), shop);
}

} // namespace barometre::model::transform
