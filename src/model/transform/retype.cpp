#include "model/transform/retype.h"
#include "core/error.h"
#include "core/sql/widening.h"
#include "core/text/text.h"
#include "model/relation/copy.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <cstdint>
#include <memory>

namespace barometre::model::transform {

namespace {

std::string whole_table(const project::model &m) {
    return "Cast the column in the query, or build the whole table anew: CALL baro_transform('" + m.name +
           "', full_refresh => true);";
}

} // namespace

void check_assignable(const project::model &m, const pg::table_column &have, const std::string &type,
                      const std::string &where) {
    try { // which says so without any row
        pg::rolled_back([&] {
            const std::string trial = pg::qualified(m.schema, "_baro_type_" + std::to_string(pg::transaction_number()));
            pg::project_script("CREATE TABLE " + trial + " (value " + type + ")");
            pg::project_sql("INSERT INTO " + trial + " SELECT CAST(NULL AS " + sql::without_collation(have.type) +
                            ") WHERE false");
        });
    } catch (const error &e) {
        if (e.sqlstate != "42804")
            throw;
        throw error(sqlstate::contract,
                    where + "column \"" + have.name + "\" of its table is " + have.type + ", and its query gives " +
                        type + ", which that can't become",
                    "Nothing of it is published.", whole_table(m));
    }
}

void check_values(const relation::candidate &c) {
    const project::model &m = *c.model;
    const auto published = pg::columns_of(c.schema, c.name);
    for (const pg::table_column &to : c.difference.columns.retyped) {
        const std::string type = sql::without_collation(to.type);
        const std::string &had = relation::find_column(published, to.name)->type;
        if (sql::widens_to(had, type) != sql::widening::none)
            continue;
        const std::string value = "t." + pg::quote_identifier(to.name);
        const auto refuse = [&](const std::string &why) {
            throw error(sqlstate::contract,
                        m.at("on_schema_change").text() + ": model \"" + m.name + "\": column \"" + to.name +
                            "\" can't become " + type + ": " + why,
                        "It is " + had + " in " + c.target() + ". Nothing of it is published.", whole_table(m));
        };
        std::int64_t lost = 0;
        try { // there and back: what is rounded or cut does not come back
            pg::in_subtransaction([&] {
                lost = pg::project_sql("SELECT pg_catalog.count(*) FROM " + c.published_rows() +
                                       " AS t WHERE NOT (CAST(ROW(" + value +
                                       ") AS pg_catalog.record) OPERATOR(pg_catalog.*=) CAST(ROW(CAST(CAST(" + value +
                                       " AS " + type + ") AS " + had + ")) AS pg_catalog.record))")
                           .number(0, 0);
            });
        } catch (const error &e) {
            if (!e.sqlstate.starts_with("22") && !e.sqlstate.starts_with("23") && e.sqlstate != "42846")
                throw;
            refuse(e.message);
        }
        if (lost > 0)
            refuse("values of " + text::format_count(lost) + " rows would be others");
    }
}

bool rewrites_rows(const relation::candidate &c) {
    const auto published = pg::columns_of(c.schema, c.name);
    for (const pg::table_column &to : c.difference.columns.retyped)
        if (sql::widens_to(relation::find_column(published, to.name)->type, sql::without_collation(to.type)) !=
            sql::widening::in_place)
            return true;
    return false;
}

std::string converted(const relation::candidate &c, const pg::table_column &column) {
    const relation::column_change &change = c.difference.columns;
    const std::string name = pg::quote_identifier(column.name);
    if (relation::find_column(change.added, column.name))
        return "CAST(NULL AS " + column.type + ")";
    if (const pg::table_column *to = relation::find_column(change.retyped, column.name))
        return "CAST(t." + name + " AS " + sql::without_collation(to->type) + ")";
    return "t." + name;
}

void make_whole(relation::candidate &c, const std::string &replaced, workshop &shop) {
    std::string columns, names;
    for (const pg::table_column &column : pg::columns_of(c.schema, c.built)) {
        text::append(columns, converted(c, column) + " AS " + pg::quote_identifier(column.name));
        text::append(names, pg::quote_identifier(column.name));
    }
    relation::watch_others(c);
    const std::string whole = shop.new_name();
    c.done.records = static_cast<std::int64_t>(
        pg::project_sql("CREATE UNLOGGED TABLE " + pg::qualified(c.schema, whole) + " AS SELECT " + columns + " FROM " +
                        c.published_rows() + " AS t WHERE NOT (" + replaced + ") UNION ALL SELECT " + names + " FROM " +
                        c.made())
            .processed);
    c.built = whole;
    c.is_delta = false;
    shop.place(c.node, c.schema, whole, 'r');
}

} // namespace barometre::model::transform
