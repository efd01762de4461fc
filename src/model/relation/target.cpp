#include "model/relation/target.h"
#include "core/error.h"
#include "pg/catalog_look.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <string>

namespace barometre::model::relation {

char published_kind(const project::model &m) {
    switch (m.materialized) {
    case project::materialization::view:
        return 'v';
    case project::materialization::materialized_view:
        return 'm';
    case project::materialization::ephemeral:
        return 0;
    default:
        return 'r';
    }
}

char kind_as_published(char relation_kind) { return relation_kind == 'p' ? 'r' : relation_kind; }

published_relation find_published(const std::string &schema, const std::string &name) {
    published_relation out;
    out.kind = kind_as_published(pg::relation_kind(schema, name));
    if (out.kind != 0)
        out.oid = pg::oid_of(pg::qualified(schema, name));
    if (out.kind == 'r' || out.kind == 'm')
        out.elsewhere = pg::rows_elsewhere(out.oid);
    out.has_heirs = pg::form_of(out.oid).may_have_heirs &&
                    pg::sql("SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent "
                            "WHERE c.oid = $1::oid AND c.relkind = 'r' LIMIT 1",
                            {std::to_string(out.oid)})
                            .processed > 0;
    return out;
}

void check_target(const project::model &m, char published) {
    if (published == 0)
        return;
    const std::string target = pg::qualified(m.schema, m.relation()), model = m.kind() + " \"" + m.name + "\": ";
    if (published != 'r' && published != 'v' && published != 'm')
        throw error(sqlstate::contract, model + target + " is there already, and neither a table nor a view", "",
                    "Rename it, or give the model another name or schema.");
    if (published != 'r')
        return;
    if (const pg::oid there = pg::find_relation(m.schema, m.relation());
        there != pg::no_oid && !pg::form_of(there).has_row_security)
        return;
    auto found = pg::sql("SELECT c.relrowsecurity, pg_catalog.row_security_active(c.oid) FROM pg_catalog.pg_class c "
                         "WHERE c.oid = pg_catalog.to_regclass($1)",
                         {target});
    if (found.empty() || !found.yes(0, 0))
        return;
    const char kind = published_kind(m);
    if (kind != 'r') // which shows all rows to all who may read it
        throw error(sqlstate::contract,
                    model + "its table has row security, which a " + pg::kind_name(kind) + " can't have",
                    "Whoever may read some of its rows would read all of them.",
                    "ALTER TABLE " + target + " DISABLE ROW LEVEL SECURITY;  if that is meant.");
    if (found.yes(0, 1)) // rows that are hidden would be taken for missing
        throw error(sqlstate::contract, model + "row security hides rows of " + target + " from its owner",
                    "Hidden rows can't be compared and replaced.",
                    "ALTER TABLE " + target + " NO FORCE ROW LEVEL SECURITY;");
}

void check_seed_target(const std::string &seed, const std::string &target, char published) {
    if (published != 0 && published != 'r')
        throw error(sqlstate::contract,
                    "seed \"" + seed + "\": " + target + " is no table: it is a " + pg::kind_name(published),
                    "A seed's rows are put into a table.", "Rename it, or give the seed another alias or schema.");
}

} // namespace barometre::model::relation
