#include "model/transform/snapshot.h"
#include "core/error.h"
#include "model/transform/delta.h"
#include "pg/relations.h"
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
    if (auto found = pg::project_sql(snapshot::faults(h)); !found.empty())
        snapshot::refuse(h, found.text(0, "fault"), found.text(0, "example"), found.text(0, "rows"));
    if (c.published.kind == 0) {
        c.done.records = static_cast<std::int64_t>(
            pg::project_sql("CREATE TABLE " + c.target() + " AS " + snapshot::first_version(h)).processed);
        return;
    }
    for (const snapshot::column &column : snapshot::columns_after(h))
        if (!snapshot::find_column(h.target_columns, column.name))
            c.difference.columns.added.push_back({column.name, column.type});
    c.built = shop.new_name();
    pg::project_sql("CREATE TABLE " + c.made() + " AS " + snapshot::delta(h));
    shop.keep(m.name, m.schema, c.built);
    compare_delta(c,
                  c.copy.empty()
                      ? "t.ctid OPERATOR(pg_catalog.=) ANY (SELECT g.place FROM (" + snapshot::gone(h) + ") AS g)"
                      : snapshot::ends(h),
                  shop);
}

} // namespace barometre::model::transform
