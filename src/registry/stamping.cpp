#include "registry/stamping.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/change.h"

namespace barometre::registry {

namespace {

std::string untold(char kind) {
    return "it is a " + std::string(pg::kind_name(kind)) + ", whose changes nothing tells";
}

/// Of one relation: a trigger on it and on all its partitions and children that lack one.
std::string stamp(const std::string &oid) {
    const auto members = pg::sql(
        "WITH RECURSIVE member AS (SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN "
        "member m ON m.oid = i.inhparent) SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind, "
        "pg_catalog.pg_has_role(c.relowner, 'USAGE') AS mine, pg_catalog.pg_get_userbyid(c.relowner) AS owner, " +
            stamped_by_trigger("c.oid") +
            " AS stamped FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.oid JOIN pg_catalog.pg_namespace n ON "
            "n.oid = c.relnamespace",
        {oid});
    for (std::size_t i = 0; i < members.rows.size(); ++i) {
        if (const char kind = members.text(i, "relkind").at(0); kind != 'r' && kind != 'p')
            return untold(kind);
        if (!members.yes(i, "mine") && !members.yes(i, "stamped"))
            return "it belongs to " + members.text(i, "owner");
    }
    bool added = false;
    for (std::size_t i = 0; i < members.rows.size(); ++i)
        if (!members.yes(i, "stamped")) {
            pg::script("CREATE OR REPLACE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON " +
                       members.text(i, "name") + " EXECUTE FUNCTION " +
                       pg::qualified(pg::extension_schema(), "baro_stamp") + "()");
            added = true;
        }
    return added ? "added" : "unchanged";
}

} // namespace

std::vector<stamping> stamp_sources(const project::project &p) {
    std::vector<stamping> out;
    for (const project::source_table &s : p.sources) {
        const std::string relation = pg::qualified(s.schema, s.identifier);
        const auto found = pg::sql("SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                                   "c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                                   {s.schema, s.identifier});
        out.push_back({relation, found.empty() ? "it does not exist" : stamp(found.text(0, 0))});
    }
    return out;
}

} // namespace barometre::registry
