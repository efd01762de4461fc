#include "model/transform/removals.h"
#include "core/error.h"
#include "core/sql/widening.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "model/relation/columns.h"
#include "model/transform/row_key.h"
#include "pg/messages.h"
#include "pg/named_rows.h"
#include "pg/transaction.h"

#include <optional>

namespace barometre::model::transform {

namespace {

/// Two sets of rows, as FROM has them, with the aliases p and n: those of readers, and those of a new version.
struct two_sides {
    std::string published, built;
    std::vector<std::string> p, n; ///< expressions that say which row it is, which both sides have in the same types
};

/// The rows of readers that the new version has less of, and some of them.
struct removed {
    std::int64_t rows = 0, of = 0;
    pg::cell sample;
};

std::string grouped(const std::string &from, const std::vector<std::string> &by) {
    std::string named, numbers;
    for (std::size_t i = 0; i < by.size(); ++i) {
        text::append(named, by[i] + " AS k" + std::to_string(i));
        text::append(numbers, std::to_string(i + 1));
    }
    return "(SELECT " + named + ", pg_catalog.count(*) AS rows FROM " + from + " GROUP BY " + numbers + ")";
}

std::string same(const std::vector<std::string> &one, const std::vector<std::string> &other,
                 const std::vector<sql::comparison> &by) {
    std::string out;
    for (std::size_t i = 0; i < one.size(); ++i)
        text::append(out, by[i].equal(one[i], other[i]), " AND ");
    return out;
}

/// Of each key so many rows go as the new version has less of.
void count(const two_sides &sides, const std::vector<sql::comparison> &by, int samples, removed &out) {
    std::vector<std::string> p, n;
    for (std::size_t i = 0; i < by.size(); ++i) {
        p.push_back("p.k" + std::to_string(i));
        n.push_back("n.k" + std::to_string(i));
    }
    out.rows = pg::project_sql("SELECT coalesce(pg_catalog.sum(greatest(p.rows OPERATOR(pg_catalog.-) "
                               "coalesce(n.rows, 0), 0)), 0)::bigint FROM " +
                               grouped(sides.published, sides.p) + " AS p LEFT JOIN " + grouped(sides.built, sides.n) +
                               " AS n ON " + same(p, n, by))
                   .number(0, 0);
    if (out.rows > 0 && samples > 0)
        out.sample = pg::project_sql("SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(s)) FROM (SELECT p.* FROM " +
                                     sides.published + " WHERE NOT EXISTS (SELECT FROM " + sides.built + " WHERE " +
                                     same(sides.p, sides.n, by) + ") LIMIT " + std::to_string(samples) + ") AS s")
                         .at(0, 0);
}

std::vector<std::string> quoted(const std::string &alias, const std::vector<std::string> &columns) {
    std::vector<std::string> out;
    for (const std::string &name : columns)
        out.push_back(alias + "." + pg::quote_identifier(name));
    return out;
}

/// What a comparison groups by, where its type has no equality.
std::vector<std::string> grouping(std::vector<std::string> values, const std::vector<sql::comparison> &by) {
    for (std::size_t i = 0; i < by.size(); ++i)
        if (!by[i].as.empty())
            values[i] = "CAST(" + values[i] + " AS " + by[i].as + ")";
    return values;
}

std::vector<sql::comparison> comparisons(const std::vector<std::string> &key,
                                         const std::vector<pg::table_column> &columns) {
    std::vector<sql::comparison> out;
    for (const std::string &name : key)
        out.push_back(pg::comparison_of(sql::without_collation(relation::find_column(columns, name)->type)));
    return out;
}

/// By the difference of rows that the publication applies.
removed by_difference(const relation::candidate &c, int samples) {
    const pg::row_difference &rows = *c.difference.rows;
    removed out{static_cast<std::int64_t>(rows.gone.size()), rows.kept, {}};
    out.of += out.rows;
    if (c.model->max_deletes->allows(out.rows, out.of))
        return out;
    const auto columns = pg::columns_of(c.schema, c.built);
    const row_key key(c, columns);
    const pg::named_rows gone("_baro_gone", rows.gone), missing("_baro_missing", rows.missing);
    const std::string published = c.places() + " AS p JOIN _baro_gone AS g ON p.ctid OPERATOR(pg_catalog.=) g.id";
    if (key.columns.empty()) {
        out.sample = pg::project_sql("SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(s)) FROM (SELECT p.* FROM " +
                                     published + " LIMIT " + std::to_string(samples) + ") AS s")
                         .at(0, 0);
        return out;
    }
    const auto by = comparisons(key.columns, columns);
    count({published, c.made() + " AS n JOIN _baro_missing AS m ON n.ctid OPERATOR(pg_catalog.=) m.id",
           grouping(quoted("p", key.columns), by), grouping(quoted("n", key.columns), by)},
          by, samples, out);
    return out;
}

/// By all rows of both sides, in the columns that both have, with the types of the new version: where columns change,
/// and where a relation is made anew.
removed by_all_rows(const relation::candidate &c, const std::string &built, int samples) {
    removed out;
    if (c.published.kind == 'm' && pg::sql("SELECT FROM pg_catalog.pg_class WHERE oid = $1::oid AND relispopulated",
                                           {std::to_string(c.published.oid)})
                                           .processed == 0)
        return out;
    out.of = pg::project_sql("SELECT pg_catalog.count(*) FROM " + c.target()).number(0, 0);
    const auto have = pg::columns_of(c.schema, c.name);
    std::vector<pg::table_column> columns = pg::columns_of(c.schema, built);
    std::erase_if(columns, [&](const pg::table_column &one) { return !relation::find_column(have, one.name); });
    const row_key key(c, columns);
    two_sides sides{c.target() + " AS p", pg::qualified(c.schema, built) + " AS n", {}, {}};
    std::vector<std::string> names = key.columns;
    if (names.empty())
        for (const pg::table_column &one : columns)
            names.push_back(one.name);
    for (const std::string &name : names) {
        const std::string type = relation::find_column(columns, name)->type, column = pg::quote_identifier(name);
        sides.p.push_back(relation::find_column(have, name)->type == type ? "p." + column
                                                                          : "CAST(p." + column + " AS " + type + ")");
        sides.n.push_back("n." + column);
    }
    if (!key.columns.empty()) {
        const auto by = comparisons(names, columns);
        sides.p = grouping(sides.p, by);
        sides.n = grouping(sides.n, by);
        count(sides, by, samples, out);
        return out;
    }
    sides.p = {"CAST(ROW(" + text::join(sides.p, ", ") + ") AS pg_catalog.text)"};
    sides.n = {"CAST(ROW(" + text::join(sides.n, ", ") + ") AS pg_catalog.text)"};
    count(sides, {sql::comparison()}, samples, out);
    return out;
}

removed find_removed(const relation::candidate &c, workshop &shop, int samples) {
    if (c.difference.seen && (c.is_delta || !c.difference.columns.any()))
        return by_difference(c, samples);
    return by_all_rows(c, shop.name_of(c.node).value_or(c.built), samples);
}

} // namespace

bool is_guarded(const relation::candidate &c) {
    return c.model && c.model->max_deletes && c.kind != 'v' && (c.published.kind == 'r' || c.published.kind == 'm');
}

removal_guard guard_removals(const relation::candidate &c, workshop &shop, int samples, run::record &memory) {
    removal_guard out;
    out.test.target = out.test.node = c.node;
    out.test.name = removal_test;
    out.test.is_guard = true;
    out.test.reads = {c.node};
    const project::limit &most = *c.model->max_deletes;
    audit::outcome &o = out.found;
    const stopwatch watch;
    try {
        removed gone;
        if (c.changes())
            pg::in_subtransaction([&] { gone = find_removed(c, shop, samples); });
        if (most.allows(gone.rows, gone.of)) {
            o.status = "pass";
        } else {
            o.status = "fail";
            o.failures = gone.rows;
            o.message = text::format_count(gone.rows) + " of " + text::format_count(gone.of) +
                        " rows would go, and max_deletes is " + most.text();
            o.sample = gone.sample;
        }
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        o.status = "error";
        o.message = c.model->at("max_deletes").text() + ": " + e.message;
    }
    o.seconds = watch.seconds();
    memory.keep_test({out.test.target, out.test.name, out.test.config.severity_name(), o.status, o.failures, o.seconds,
                      o.message, o.sample.value_or("")});
    return out;
}

} // namespace barometre::model::transform
