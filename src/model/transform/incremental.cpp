#include "model/transform/incremental.h"
#include "core/error.h"
#include "core/name/nearest.h"
#include "core/sql/widening.h"
#include "core/text/text.h"
#include "model/relation/copy.h"
#include "model/transform/delta.h"
#include "model/transform/retype.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/repeated_keys.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <cstdint>

namespace barometre::model::transform {

namespace {

using strategy = project::incremental_strategy;

std::string quoted_names(const std::vector<std::string> &list) { return text::join(list, ", ", text::quoted); }

std::string rebuild(const project::model &m) { return "CALL baro_transform('" + m.name + "', full_refresh => true);"; }

/// Whether a value of one type is one of the other as it is. Some of the server's implicit casts round or cut.
bool fits(const std::string &given, const std::string &wanted) {
    if (given == wanted)
        return true;
    return wanted.find('(') == std::string::npos &&
           pg::sql("SELECT FROM (SELECT $1::oid AS a, $2::oid AS b) AS t WHERE a = b OR EXISTS "
                   "(SELECT FROM pg_catalog.pg_cast WHERE castsource = a AND casttarget = b AND castcontext = 'i') AND "
                   "b <> 'name'::regtype AND NOT "
                   "(b IN ('real'::regtype, 'double precision'::regtype) AND a IN ('bigint'::regtype, "
                   "'numeric'::regtype) OR b = 'real'::regtype AND a = 'integer'::regtype)",
                   {std::to_string(pg::type_oid(given)), std::to_string(pg::type_oid(wanted))})
                   .processed > 0;
}

/// Refuses what can't be added to a table without writing its rows anew, which would have other places then.
void check_added(const project::model &m, const pg::result_column &column, const std::string &where) {
    if (pg::sql("WITH RECURSIVE domain AS (SELECT oid, typbasetype, typnotnull FROM pg_catalog.pg_type WHERE oid = "
                "$1::oid UNION ALL "
                "SELECT t.oid, t.typbasetype, t.typnotnull FROM pg_catalog.pg_type t JOIN domain d ON t.oid = "
                "d.typbasetype) "
                "SELECT FROM domain d WHERE d.typnotnull OR EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE "
                "c.contypid = d.oid)",
                {std::to_string(pg::type_oid(column.type))})
            .processed > 0)
        throw error(sqlstate::contract,
                    where + "column \"" + column.name + "\" can't be appended, because the domain " + column.type +
                        " has constraints",
                    "All rows would have to be written anew.",
                    "Cast the column to the type below the domain, or build the whole table anew: " + rebuild(m));
}

/// Refuses columns that somebody made so that nobody can write them.
void check_writable(const project::model &m, const std::string &where) {
    const std::string table = pg::qualified(m.schema, m.relation());
    auto found = pg::sql("SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = "
                         "pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped "
                         "AND (a.attgenerated <> '' OR a.attidentity = 'a') ORDER BY a.attnum LIMIT 1",
                         {table});
    if (!found.empty())
        throw error(sqlstate::contract,
                    where + "column \"" + found.text(0, 0) +
                        "\" of its table is generated, and new rows can't be written to it",
                    "Somebody added or changed it by hand.",
                    "ALTER TABLE " + table + " DROP COLUMN " + pg::quote_identifier(found.text(0, 0)) +
                        ";  or build the whole table anew: " + rebuild(m));
}

/// Refuses a key whose values can't be told apart.
void check_key_type(const std::string &key, const std::string &type, const std::string &where) {
    if (pg::has_equality(type))
        return;
    throw error(sqlstate::contract,
                where + "its unique_key \"" + key + "\" is of type " + type + ", whose values can't be compared", "",
                "Name another column, or let the query cast it: json to jsonb, for example.");
}

error no_key_column(const project::model &m, const std::string &key, const std::vector<std::string> &known) {
    const std::string near = name::nearest(key, known);
    return error(sqlstate::contract,
                 m.at("unique_key").text() + ": model \"" + m.name + "\": its unique_key \"" + key +
                     "\" is none of its columns",
                 "",
                 near.empty() || near == key ? "Let the query give the column, or name another one."
                                             : "Did you mean \"" + near + "\"?");
}

/// Refuses rows without a key, and keys that come twice where they may not.
void check_keys(const relation::candidate &c) {
    const project::model &m = *c.model;
    const std::string built = c.made(), key = pg::column_list(m.incremental.unique_key);
    const std::string where = m.at("unique_key").text() + ": model \"" + m.name + "\": ";
    const std::string is_null = text::join(m.incremental.unique_key, " OR ", [](const std::string &column) {
        return pg::quote_identifier(column) + " IS NULL";
    });
    if (const std::int64_t nulls =
            pg::project_sql("SELECT pg_catalog.count(*) FROM " + built + " WHERE " + is_null).number(0, 0);
        nulls > 0)
        throw error(sqlstate::contract,
                    where + text::format_count(nulls) + " new rows have no value for " +
                        quoted_names(m.incremental.unique_key),
                    "Without its key a row can't be found again: it would be added at each run.",
                    "Leave such rows out, give them a value with coalesce(), or use another unique_key.");
    if (m.incremental.chosen() != strategy::merge || !pg::may_repeat(pg::oid_of(built), m.incremental.unique_key))
        return;
    auto twice = pg::project_sql("SELECT ROW(" + key + ")::text, pg_catalog.count(*) FROM " + built + " GROUP BY " +
                                     key + " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1 ORDER BY 2 DESC, 1",
                                 {}, 1);
    if (!twice.empty())
        throw error(sqlstate::contract,
                    where + "a key of the new rows comes " + text::format_count(twice.number(0, 1)) + " times",
                    quoted_names(m.incremental.unique_key) + " = " + twice.text(0, 0) + ".",
                    "Let the query give each key once, for example by SELECT DISTINCT ON, or use incremental_strategy: "
                    "delete+insert.");
}

} // namespace

bool builds_delta(const project::model &m, char published, bool full_refresh) {
    return m.is(project::materialization::incremental) && published == 'r' && !m.full_refresh.value_or(full_refresh);
}

delta_columns fit_delta(const project::model &m, const std::vector<pg::result_column> &given,
                        const std::vector<pg::table_column> &have) {
    delta_columns out;
    const project::schema_change way = m.incremental.on_schema_change;
    const bool syncs = way == project::schema_change::sync_all_columns;
    const std::string where = m.at("on_schema_change").text() + ": model \"" + m.name + "\": ";
    std::vector<std::string> lacking, known;
    auto add = [&](const std::string &expression, const std::string &name) {
        text::append(out.select, expression + " AS " + pg::quote_identifier(name));
    };
    for (const pg::table_column &c : have) {
        const pg::result_column *same = relation::find_column(given, c.name);
        if (!same) {
            if (syncs) {
                out.change.removed.push_back(c.name);
                continue;
            }
            lacking.push_back(c.name);
            out.columns.push_back(c);
            add("NULL::" + c.type, c.name);
            continue;
        }
        const std::string type = sql::without_collation(c.type), collation = c.type.substr(type.size());
        const bool is_wider = sql::widens_to(type, same->type) != sql::widening::none;
        const bool is_narrower = sql::widens_to(same->type, type) != sql::widening::none;
        if (is_wider) {
            out.change.retyped.push_back({c.name, same->type + collation});
            out.columns.push_back(out.change.retyped.back());
            add(pg::quote_identifier(c.name) + "::" + same->type + collation, c.name);
            continue;
        }
        if (syncs && same->type != type && !(is_narrower && sql::is_string(type))) {
            check_assignable(m, c, same->type, where);
            out.change.retyped.push_back({c.name, same->type});
            out.columns.push_back(out.change.retyped.back());
            add(pg::quote_identifier(c.name), c.name);
            continue;
        }
        if (!is_narrower && !fits(same->type, type))
            throw error(sqlstate::contract,
                        where + "column \"" + c.name + "\" of its table is " + type + ", and its query gives " +
                            same->type,
                        "Nothing of it is published.",
                        "Cast the column in the query, or build the whole table anew: " + rebuild(m));
        out.columns.push_back(c);
        add(pg::quote_identifier(c.name) + (same->type == c.type ? "" : "::" + c.type), c.name);
    }
    for (const pg::result_column &g : given) {
        known.push_back(g.name);
        if (relation::find_column(have, g.name))
            continue;
        if (syncs || way == project::schema_change::append_new_columns) {
            check_added(m, g, where);
            out.change.added.push_back({g.name, g.type});
            out.columns.push_back(out.change.added.back());
            add(pg::quote_identifier(g.name), g.name);
        } else {
            out.left_out.push_back(g.name);
        }
    }
    if (way == project::schema_change::fail && !(lacking.empty() && out.left_out.empty()))
        throw error(sqlstate::contract, where + "its columns changed, and on_schema_change is fail",
                    (lacking.empty() ? "" : "Its query no longer gives " + quoted_names(lacking) + ". ") +
                        (out.left_out.empty() ? "" : "Its table lacks " + quoted_names(out.left_out) + "."),
                    "Set on_schema_change to append_new_columns, or build the whole table anew: " + rebuild(m));
    if (way == project::schema_change::ignore && !lacking.empty())
        throw error(sqlstate::contract, where + "its query no longer gives " + quoted_names(lacking),
                    "The table has it, and what new rows hold there is not known.",
                    "Set on_schema_change to append_new_columns, which makes it NULL in new rows, or build the whole "
                    "table anew: " +
                        rebuild(m));
    check_writable(m, where);
    for (const std::string &key : m.incremental.unique_key) {
        if (!text::contains(known, key) || text::contains(out.left_out, key))
            throw no_key_column(m, key, known);
        check_key_type(key, relation::find_column(given, key)->type,
                       m.at("unique_key").text() + ": model \"" + m.name + "\": ");
    }
    return out;
}

void check_unique_key(const relation::candidate &c) {
    const project::model &m = *c.model;
    if (m.incremental.unique_key.empty() || m.incremental.chosen() == strategy::append)
        return;
    std::vector<std::string> known;
    const std::string where = m.at("unique_key").text() + ": model \"" + m.name + "\": ";
    const auto columns = pg::columns_of(c.schema, c.built.empty() ? c.name : c.built);
    for (const pg::table_column &column : columns)
        known.push_back(column.name);
    for (const std::string &key : m.incremental.unique_key) {
        const pg::table_column *column = relation::find_column(columns, key);
        if (!column)
            throw no_key_column(m, key, known);
        check_key_type(key, column->type, where);
    }
    check_keys(c);
}

void compare_increment(relation::candidate &c, workshop &shop) {
    const project::model &m = *c.model;
    relation::column_change &change = c.difference.columns;
    for (const pg::table_column &made : pg::collated_columns_of(c.schema, c.built))
        for (std::vector<pg::table_column> *columns : {&change.added, &change.retyped})
            for (pg::table_column &one : *columns)
                if (one.name == made.name)
                    one.type = made.type;
    check_values(c);
    std::string replaced = "false";
    if (m.incremental.chosen() != strategy::append) {
        check_keys(c);
        const auto columns = pg::columns_of(c.schema, c.built);
        const std::string same = text::join(m.incremental.unique_key, " AND ", [&](const std::string &name) {
            const pg::table_column &column = *relation::find_column(columns, name);
            return pg::comparison_of(column.type).equal("d." + pg::quote_identifier(name), converted(c, column));
        });
        replaced = "EXISTS (SELECT FROM " + relation::beside_published(c, c.made()) + " AS d WHERE " + same + ")";
    }
    if (rewrites_rows(c))
        make_whole(c, replaced, shop);
    else
        compare_delta(c, replaced, shop);
}

} // namespace barometre::model::transform
