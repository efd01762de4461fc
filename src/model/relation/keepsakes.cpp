#include "model/relation/keepsakes.h"
#include "core/error.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <cstddef>

namespace barometre::model::relation {

std::string options_of(const std::string &view) {
    auto found =
        pg::sql("SELECT CASE c.relkind WHEN 'm' THEN 'ALTER MATERIALIZED VIEW ' ELSE 'ALTER VIEW ' END || $1 || ' SET "
                "(' || string_agg(o.option_name || ' = ' || quote_literal(o.option_value), ', ') || ')' "
                "FROM pg_catalog.pg_class c, LATERAL pg_catalog.pg_options_to_table(c.reloptions) o WHERE c.oid = "
                "$1::regclass AND c.relkind IN ('v', 'm') GROUP BY c.relkind",
                {view});
    return found.empty() ? "" : found.text(0, 0);
}

keepsakes::keepsakes(const std::string &relation) : relation_(relation) {
    auto take = [&](std::vector<std::string> &into, const std::string &query) {
        auto found = pg::sql(query, {relation});
        for (std::size_t i = 0; i < found.rows.size(); ++i)
            into.push_back(found.text(i, 0));
    };
    const std::string to = "' TO ' || CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END || CASE "
                           "WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END ";
    take(grants_,
         "SELECT 'GRANT ' || a.privilege_type || ' ON ' || $1 || " + to +
             "FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) a WHERE c.oid = $1::regclass AND "
             "a.grantee <> c.relowner "
             "UNION ALL SELECT 'GRANT ' || a.privilege_type || ' (' || quote_ident(t.attname) || ') ON ' || $1 || " +
             to +
             "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0, "
             "LATERAL pg_catalog.aclexplode(t.attacl) a WHERE c.oid = $1::regclass AND a.grantee <> c.relowner");
    take(comments_, "SELECT 'COMMENT ON COLUMN ' || $1 || '.' || quote_ident(t.attname) || ' IS ' || "
                    "quote_literal(d.description) FROM pg_catalog.pg_description d "
                    "JOIN pg_catalog.pg_attribute t ON t.attrelid = d.objoid AND t.attnum = d.objsubid WHERE "
                    "d.classoid = 'pg_catalog.pg_class'::regclass "
                    "AND d.objoid = $1::regclass AND d.objsubid > 0");
    auto self = pg::sql("SELECT relkind, quote_literal(obj_description(oid, 'pg_class')) FROM pg_catalog.pg_class "
                        "WHERE oid = $1::regclass",
                        {relation});
    kind_ = self.text(0, 0).at(0);
    comment_ = self.text(0, 1);
    if (const std::string options = options_of(relation); !options.empty())
        of_kind_.push_back(options);
    if (kind_ == 'v')
        take(of_kind_, "SELECT pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = "
                       "$1::regclass AND NOT t.tgisinternal");
    if (kind_ == 'm')
        take(of_kind_, "SELECT pg_catalog.pg_get_indexdef(i.indexrelid) || coalesce('; COMMENT ON INDEX ' || "
                       "i.indexrelid::regclass || ' IS ' || "
                       "quote_literal(obj_description(i.indexrelid, 'pg_class')), '') FROM pg_catalog.pg_index i WHERE "
                       "i.indrelid = $1::regclass");
}

void keepsakes::give_back(char kind) const {
    auto given = pg::sql("SELECT DISTINCT 'REVOKE ALL ON ' || $1 || ' FROM ' || CASE WHEN a.grantee = 0 THEN 'PUBLIC' "
                         "ELSE a.grantee::regrole::text END "
                         "FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) a WHERE c.oid = "
                         "$1::regclass AND a.grantee <> c.relowner",
                         {relation_});
    for (std::size_t i = 0; i < given.rows.size(); ++i)
        pg::project_script(given.text(i, 0));
    auto run = [&](const std::vector<std::string> &statements) {
        for (const std::string &statement : statements)
            try {
                pg::in_subtransaction([&] { pg::project_script(statement); });
            } catch (const error &e) {
                if (e.sqlstate != "42703") // a column that is gone
                    throw;
            }
    };
    run(grants_);
    run(comments_);
    if (!comment_.empty() && (kind != 'r' || kind_ == 'r'))
        run({std::string("COMMENT ON ") + pg::sql_kind(kind) + " " + relation_ + " IS " + comment_});
    if (kind == kind_)
        run(of_kind_);
}

} // namespace barometre::model::relation
