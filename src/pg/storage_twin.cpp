#include "pg/storage_twin.h"
#include "core/error.h"
#include "core/text/text.h"
#include "pg/distribution.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/storage_swap.h"

namespace barometre::pg {

namespace {

/// The first of some reasons that holds for a table c, or nothing.
constexpr char reasons[] =
    "SELECT CASE "
    "WHEN current_setting('wal_level') = 'minimal' THEN 'wal_level is minimal' "
    "WHEN coalesce(current_setting('old_snapshot_threshold', true), '-1') <> '-1' "
    "THEN 'old_snapshot_threshold is set' "
    "WHEN c.relowner <> (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) "
    "THEN 'its table is owned by another role' "
    "WHEN NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND "
    "has_table_privilege(c.oid, 'DELETE')) THEN 'its owner may not write into its table' "
    "WHEN c.relkind <> 'r' OR c.relam <> 2 OR c.reloftype <> 0 THEN 'its table is no ordinary one' "
    "WHEN EXISTS (SELECT FROM pg_catalog.pg_class s WHERE s.reltablespace <> 0 AND (s.oid = c.oid OR EXISTS (SELECT "
    "FROM "
    "pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indexrelid = s.oid)) AND NOT "
    "has_tablespace_privilege(s.reltablespace, 'CREATE')) THEN 'its owner may make nothing in its tablespace' "
    "WHEN c.relpersistence <> 'p' THEN 'its table is unlogged' "
    "WHEN c.relispartition THEN 'its table is a partition' "
    "WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) "
    "THEN 'tables inherit from its table, or it from one' "
    "WHEN p.name IS NOT NULL THEN format('its table is in publication \"%s\"', p.name) "
    "WHEN EXISTS (SELECT FROM pg_catalog.pg_replication_slots s WHERE s.slot_type = 'logical' AND s.database = "
    "current_database()) THEN 'a logical replication slot reads this database' "
    "WHEN c.relreplident <> 'd' THEN 'its table has a replica identity' "
    "WHEN EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.contype = 'f' AND c.oid IN (f.conrelid, f.confrelid)) "
    "THEN 'its table has foreign keys, or they refer to it' "
    "WHEN EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid) THEN 'its table has a rule' "
    "WHEN c.relrowsecurity OR c.relforcerowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_policy y WHERE y.polrelid = "
    "c.oid) THEN 'its table has row security' "
    "WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attisdropped) "
    "THEN 'a column of its table was dropped' "
    "WHEN o.name IS NOT NULL THEN format('column \"%s\" of its table is generated, or was added with a "
    "default', o.name) "
    "WHEN x.name IS NOT NULL THEN format('index \"%s\" is not valid, excludes rows, or is looked at late', "
    "x.name) "
    "WHEN t.name IS NOT NULL THEN format('its table has trigger \"%s\"', t.name) "
    "END FROM pg_catalog.pg_class c LEFT JOIN LATERAL (SELECT b.pubname AS name FROM pg_catalog.pg_publication b WHERE "
    "b.puballtables OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = b.oid AND r.prrelid = "
    "c.oid) OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace n WHERE n.pnpubid = b.oid AND n.pnnspid = "
    "c.relnamespace) LIMIT 1) AS p ON true LEFT JOIN LATERAL (SELECT g.tgname AS name FROM pg_catalog.pg_trigger g "
    "WHERE g.tgrelid = c.oid LIMIT 1) AS t ON true LEFT JOIN LATERAL (SELECT a.attname AS name FROM "
    "pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attgenerated <> '' OR a.attidentity <> "
    "'' OR a.atthasmissing) LIMIT 1) AS o ON true LEFT JOIN LATERAL (SELECT d.relname AS name FROM pg_catalog.pg_index "
    "i JOIN pg_catalog.pg_class d ON d.oid = i.indexrelid WHERE i.indrelid = c.oid AND NOT (i.indisvalid AND "
    "i.indisready AND i.indislive AND i.indimmediate AND NOT i.indisexclusion) LIMIT 1) AS x ON true WHERE c.oid = "
    "$1::oid";

/// What of an index decides how it is stored, and what it finds. Where expressions stood in the text that made them is
/// no part of that.
std::string shape_of_index(const std::string &index) {
    const auto tree = [](const std::string &of) {
        return "regexp_replace(" + of + "::text, ' :location -?[0-9]+', '', 'g')";
    };
    return "(SELECT ROW(d.relam, d.reltablespace, (SELECT array_agg(r ORDER BY r) FROM "
           "unnest(d.reloptions) r), to_jsonb(i) - '{indexrelid,indrelid,indisprimary,"
           "indisclustered,indcheckxmin,indisreplident,indexprs,indpred}'::text[], " +
           tree("i.indexprs") + ", " + tree("i.indpred") +
           ", (SELECT array_agg(ROW(a.attnum, a.atttypid, a.atttypmod, a.attlen, a.attbyval, a.attalign, "
           "a.attstorage, a.attcollation, a.attoptions)::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE "
           "a.attrelid = d.oid))::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class d ON d.oid = i.indexrelid "
           "WHERE d.oid = " +
           index + ")";
}

/// What ALTER TABLE is told so that an empty table has it as `table`; empty: it has it.
std::string actions(oid table, oid twin) {
    std::string out =
        sql_now("SELECT string_agg(x.action, ', ' ORDER BY x.step) FROM pg_catalog.pg_class c, "
                "pg_catalog.pg_class w, LATERAL ("
                "SELECT 1 AS step, format('SET (%s%I = %L)', o.prefix, split_part(o.option, '=', 1), "
                "substr(o.option, strpos(o.option, '=') + 1)) AS action FROM (SELECT '' AS prefix, "
                "unnest(c.reloptions) AS option UNION ALL SELECT 'toast.', unnest(t.reloptions) FROM "
                "pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid) AS o "
                "UNION ALL SELECT 2, format('ALTER COLUMN %I %s', a.attname, s.what) FROM pg_catalog.pg_attribute a "
                "JOIN pg_catalog.pg_attribute b ON b.attrelid = w.oid AND b.attnum = a.attnum, LATERAL ("
                "SELECT 'SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' "
                "THEN 'MAIN' ELSE 'EXTENDED' END AS what WHERE a.attstorage <> b.attstorage "
                "UNION ALL SELECT 'SET COMPRESSION ' || CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' "
                "ELSE 'default' END WHERE a.attcompression <> b.attcompression "
                "UNION ALL SELECT 'SET NOT NULL' WHERE a.attnotnull AND NOT b.attnotnull "
                "UNION ALL SELECT format('SET STATISTICS %s', a.attstattarget) WHERE a.attstattarget >= 0 "
                "UNION ALL SELECT format('SET (%s)', array_to_string(a.attoptions, ', ')) WHERE a.attoptions IS NOT "
                "NULL) AS s WHERE a.attrelid = c.oid AND a.attnum > 0) AS x WHERE c.oid = $1::oid AND w.oid = $2::oid",
                {std::to_string(table), std::to_string(twin)})
            .text(0, 0);
    // What they call is written, and read again, by the same path.
    const auto checks = project_sql("SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid) FROM "
                                    "pg_catalog.pg_constraint k WHERE k.conrelid OPERATOR(pg_catalog.=) $1::oid AND "
                                    "k.contype OPERATOR(pg_catalog.=) 'c'",
                                    {std::to_string(table)});
    for (std::size_t i = 0; i < checks.rows.size(); ++i)
        text::append(out, "ADD CONSTRAINT " + quote_identifier(checks.text(i, 0)) + " " + checks.text(i, 1));
    return out;
}

/// TABLESPACE of a table, whatever default_tablespace is.
std::string tablespace_of(oid table) {
    return sql("SELECT t.spcname FROM pg_catalog.pg_class c, pg_catalog.pg_database d, pg_catalog.pg_tablespace t "
               "WHERE c.oid = $1::oid AND d.datname = current_database() AND t.oid = CASE c.reltablespace "
               "WHEN 0 THEN d.dattablespace ELSE c.reltablespace END",
               {std::to_string(table)})
        .text(0, 0);
}

} // namespace

std::string why_not_exchanged(oid table) {
    if (tables_are_watched())
        return "an extension watches who writes into tables";
    const auto found = sql_now(reasons, {std::to_string(table)});
    return found.empty() ? "its table is gone" : found.text(0, 0);
}

std::string make_twin(oid table, const std::string &twin, const std::string &query) {
    project_sql_here("CREATE TABLE " + twin + " USING heap TABLESPACE " + quote_identifier(tablespace_of(table)) +
                     " AS\n" + query + "\nWITH NO DATA");
    const oid made = oid_of(twin);
    if (const std::string all = actions(table, made); !all.empty())
        project_script("ALTER TABLE " + twin + " " + all);
    return why_unlike(table, made);
}

std::string why_unlike(oid table, oid twin) {
    if (!why_not_exchanged(twin).empty())
        return "something was attached to a private table when it was made";
    const auto column = sql_now(
        "WITH shape AS (SELECT a.attrelid, a.attnum, a.attname, ROW(a.attname, a.atttypid, a.atttypmod, a.attlen, "
        "a.attbyval, a.attalign, a.attstorage, a.attcompression, a.attcollation, a.attnotnull, a.attisdropped)::text "
        "AS text FROM pg_catalog.pg_attribute a WHERE a.attnum > 0) SELECT coalesce(t.attname, p.attname) FROM (SELECT "
        "* FROM shape WHERE attrelid = $1::oid) AS t FULL JOIN (SELECT * FROM shape WHERE attrelid = $2::oid) AS p "
        "USING (attnum) WHERE t.text IS DISTINCT FROM p.text ORDER BY attnum LIMIT 1",
        {std::to_string(table), std::to_string(twin)});
    if (!column.empty())
        return "column " + text::quoted(column.text(0, 0)) + " of its table is stored otherwise";
    const auto rest = sql_now(
        "WITH options AS (SELECT c.oid, c.reltablespace, ARRAY(SELECT r FROM unnest(c.reloptions) r ORDER "
        "BY r) AS own, ARRAY(SELECT r FROM pg_catalog.pg_class t, unnest(t.reloptions) r WHERE t.oid = "
        "c.reltoastrelid ORDER BY r) AS of_toast, ARRAY(SELECT format('%s %s', k.conname, "
        "pg_catalog.pg_get_constraintdef(k.oid)) FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND "
        "k.contype = 'c' ORDER BY 1) AS checks FROM pg_catalog.pg_class c) SELECT t.reltablespace <> p.reltablespace, "
        "t.own <> p.own OR t.of_toast <> p.of_toast, t.checks <> p.checks FROM options t, options p WHERE t.oid = "
        "$1::oid AND p.oid = $2::oid",
        {std::to_string(table), std::to_string(twin)});
    return rest.empty()     ? "its table is gone"
           : rest.yes(0, 0) ? "its table is in another tablespace"
           : rest.yes(0, 1) ? "its table has other storage parameters"
           : rest.yes(0, 2) ? "its table has other CHECK constraints"
                            : "";
}

std::string why_unlike(oid table, oid twin, const std::vector<std::pair<oid, oid>> &indexes) {
    if (const std::string why = why_unlike(table, twin); !why.empty())
        return why;
    const auto count = sql_now("SELECT (SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = $1::oid), "
                               "(SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = $2::oid)",
                               {std::to_string(table), std::to_string(twin)});
    const auto wanted = static_cast<std::int64_t>(indexes.size());
    if (count.number(0, 0) != wanted || count.number(0, 1) != wanted)
        return "its table got another index, or lost one";
    for (const auto &[own, other] : indexes) {
        const auto same = sql_now("SELECT " + shape_of_index("$1::oid") + " = " + shape_of_index("$2::oid") +
                                      ", (SELECT relname FROM pg_catalog.pg_class WHERE oid = $1::oid), "
                                      "(SELECT indrelid = $3::oid FROM pg_catalog.pg_index WHERE indexrelid = $1::oid)",
                                  {std::to_string(own), std::to_string(other), std::to_string(table)});
        if (!same.yes(0, 0) || !same.yes(0, 2))
            return "index " + text::quoted(same.text(0, 1)) + " can't be made the same way again";
    }
    return "";
}

std::vector<std::pair<oid, oid>> make_twin_indexes(oid table, const std::string &schema, const std::string &twin) {
    const auto found = sql_now(
        "SELECT i.indexrelid, d.relname AS name, CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END AS kind, "
        "format('INDEX %I ON %I.%I USING ', d.relname, n.nspname, c.relname) AS begins, coalesce(t.spcname, '') AS "
        "space FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class d ON d.oid = i.indexrelid JOIN pg_catalog.pg_class "
        "c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN "
        "pg_catalog.pg_tablespace t ON t.oid = d.reltablespace WHERE i.indrelid = $1::oid ORDER BY i.indexrelid",
        {std::to_string(table)});
    std::vector<std::pair<oid, oid>> out;
    const std::string space = sql("SELECT current_setting('default_tablespace')").text(0, 0);
    const auto put_into = [](const std::string &name) {
        sql("SELECT set_config('default_tablespace', $1, true)", {name});
    };
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const std::string kind = "CREATE " + found.text(i, "kind"), begins = kind + found.text(i, "begins");
        // What it calls is written, and read again, by the same path.
        const std::string definition =
            project_sql("SELECT pg_catalog.pg_get_indexdef($1::oid)", {found.at(i, "indexrelid")}).text(0, 0);
        if (!definition.starts_with(begins))
            throw error(sqlstate::internal, "an index is defined otherwise than expected: " + definition);
        const std::string name = twin + "_" + std::to_string(i + 1);
        put_into(found.text(i, "space"));
        try {
            project_script(kind + "INDEX " + quote_identifier(name) + " ON " + qualified(schema, twin) + " USING " +
                           definition.substr(begins.size()));
        } catch (error &e) {
            if (e.sqlstate == "23505") { // as it is told of rows that come to the table
                e.constraint_name = found.text(i, "name");
                e.message = "duplicate key value violates unique constraint " + text::quoted(e.constraint_name);
            }
            throw;
        }
        out.emplace_back(static_cast<oid>(found.number(i, "indexrelid")), oid_of(qualified(schema, name)));
    }
    put_into(space);
    return out;
}

} // namespace barometre::pg
