#include "model/relation/dependents.h"
#include "core/error.h"
#include "core/text/text.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <cstddef>
#include <map>

namespace barometre::model::relation {

std::vector<dependent_view> dependent_views(const project::project &p, const std::string &node,
                                            const std::vector<std::string> &columns) {
    auto found =
        pg::sql("WITH RECURSIVE hanging AS ("
                "SELECT r.ev_class AS oid, 1 AS depth FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON "
                "r.oid = d.objid "
                "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
                "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = "
                "'pg_catalog.pg_class'::regclass AND d.refobjid = $1::regclass "
                "AND r.ev_class <> d.refobjid AND (cardinality($2::text[]) = 0 OR a.attname = ANY ($2::text[])) "
                "UNION SELECT r.ev_class, h.depth + 1 FROM hanging h JOIN pg_catalog.pg_depend d ON d.refobjid = h.oid "
                "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass "
                "AND d.refclassid = 'pg_catalog.pg_class'::regclass AND r.ev_class <> h.oid AND h.depth < 100) "
                "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS relation, c.relkind FROM "
                "(SELECT oid, max(depth) AS depth FROM hanging GROUP BY oid) h "
                "JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                // The private twins of a run are none of anybody's.
                "WHERE NOT starts_with(c.relname, '_baro_') ORDER BY h.depth, c.relname",
                {registry::relation_of(p, node), pg::array_literal(columns)});
    std::vector<dependent_view> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const std::string schema = found.text(i, "nspname"), name = found.text(i, "relname");
        out.push_back({schema, name, found.text(i, "relation"), found.text(i, "relkind") == "m" ? 'm' : 'v',
                       p.find_model(registry::node_named(p, schema, name))});
    }
    return out;
}

namespace {

void check_views(const project::project &p, const std::string &node, const std::vector<std::string> &columns,
                 const std::string &what) {
    std::string names, drops;
    for (const dependent_view &v : dependent_views(p, node, columns)) {
        if (v.model)
            continue;
        text::append(names, v.relation);
        // What hangs on another one goes first.
        drops = std::string("DROP ") + pg::sql_kind(v.kind) + " " + v.relation + "; " + drops;
    }
    if (!names.empty())
        throw error(sqlstate::contract,
                    registry::kind_of(p, node) + " \"" + node + "\"" + what + ", because " + names + " needs it",
                    "Nothing of it is published.",
                    drops + "CALL baro_transform('" + node + "'); then create it again (\\d+ shows its definition).");
}

/// Columns by which a table is partitioned stay what they are.
void check_partition_key(const project::project &p, const std::string &node, const column_change &change) {
    std::map<std::string, std::string> what;
    for (const std::string &name : change.removed)
        what[name] = "go";
    for (const pg::table_column &c : change.retyped)
        what[c.name] = "become " + c.type;
    const std::string table = registry::relation_of(p, node);
    const auto key = pg::sql("SELECT a.attname FROM pg_catalog.pg_partitioned_table k JOIN pg_catalog.pg_attribute a "
                             "ON a.attrelid = k.partrelid AND a.attnum = ANY (k.partattrs) WHERE k.partrelid = "
                             "pg_catalog.to_regclass($1)",
                             {table});
    for (std::size_t i = 0; i < key.rows.size(); ++i)
        if (const auto found = what.find(key.text(i, 0)); found != what.end())
            throw error(sqlstate::contract,
                        registry::kind_of(p, node) + " \"" + node + "\": column \"" + found->first + "\" can't " +
                            found->second + ", because " + table + " is partitioned by it",
                        "Nothing of it is published.",
                        "Let it give the column as the table has it; or rename the table, and make one with other "
                        "partitions in its place.");
}

} // namespace

void check_dependents(const project::project &p, const std::string &node, const column_change &change) {
    if (!change.removed.empty() || !change.retyped.empty())
        check_partition_key(p, node, change);
    for (const std::string &column : change.removed)
        check_views(p, node, {column}, ": column \"" + column + "\" can't be removed");
    for (const pg::table_column &c : change.retyped)
        check_views(p, node, {c.name}, ": column \"" + c.name + "\" can't become " + c.type);
}

void check_views_on(const project::project &p, const std::string &node, const std::string &what) {
    check_views(p, node, {}, what);
}

} // namespace barometre::model::relation
