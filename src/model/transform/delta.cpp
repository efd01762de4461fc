#include "model/transform/delta.h"
#include "core/text/text.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/transform/retype.h"
#include "pg/distribution.h"
#include "pg/named_rows.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace barometre::model::transform {

namespace {

/// From here on the private tables are analyzed, and made without WAL.
constexpr std::int64_t many_rows = 50'000;
/// Places of rows that are looked up together, as their text takes memory.
constexpr std::size_t places_at_once = 500'000;

/// The columns of a published row, as `t`, as they will be.
std::string columns_after(const relation::candidate &c) {
    std::string columns;
    for (const pg::table_column &column : pg::columns_of(c.schema, c.built))
        text::append(columns, converted(c, column) + " AS " + pg::quote_identifier(column.name));
    return columns;
}

/// Whether the rows that come in are many; then they are analyzed: else the join takes all its keys for the same few.
bool analyze_large(const relation::candidate &c) {
    const bool large = c.done.records > many_rows;
    if (large)
        pg::analyze(c.made());
    return large;
}

/// A published row, as `t`, is none of `table`, whose column has places.
std::string is_none_of(const std::string &table, const std::string &column) {
    return "NOT EXISTS (SELECT FROM " + table + " AS o WHERE o." + column + " OPERATOR(pg_catalog.=) t.ctid)";
}

/// A view of the published rows that stay, and those that come in.
void show_as_it_will_be(const relation::candidate &c, const std::string &columns, const std::string &stays,
                        workshop &shop) {
    const std::string view = shop.new_name();
    pg::project_sql_here("CREATE VIEW " + pg::qualified(c.schema, view) + " AS SELECT " + columns + " FROM " +
                         c.published_rows() + " AS t WHERE " + stays + " UNION ALL SELECT * FROM " + c.made());
    shop.place(c.node, c.schema, view, 'v');
}

void compare_in_heap(relation::candidate &c, const std::string &replaced, std::optional<std::int64_t> counted,
                     workshop &shop) {
    const std::string target = c.target(), delta = c.made();
    // The published rows are read by SQL, which in a transaction with one snapshot sees nothing later.
    if (!counted)
        c.difference.seen = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    const std::int64_t total = counted ? *counted : pg::count_rows(c.published.oid);
    // The rows whose place is taken, with that place: a table of their own, as comparing takes tables.
    const std::string columns = columns_after(c);
    const std::string old_name = shop.new_name(), old = pg::qualified(c.schema, old_name);
    pg::project_sql((analyze_large(c) ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ") + old +
                    " AS SELECT t.ctid AS _baro_place, " + columns + " FROM ONLY " + target + " AS t WHERE " +
                    replaced);
    shop.keep(c.node, c.schema, old_name);
    pg::row_difference found =
        pg::compare_rows(pg::oid_of(old), pg::oid_of(delta), pg::memory_for_comparing(), "_baro_place");
    std::vector<pg::row_place> places;
    for (std::size_t from = 0; from < found.gone.size(); from += places_at_once) {
        const auto first = found.gone.begin() + static_cast<std::ptrdiff_t>(from);
        const pg::named_rows gone(
            "_baro_gone",
            {first, first + static_cast<std::ptrdiff_t>(std::min(places_at_once, found.gone.size() - from))});
        const auto some =
            pg::row_places(pg::sql("SELECT o._baro_place FROM " + old +
                                   " AS o JOIN _baro_gone ON o.ctid OPERATOR(pg_catalog.=) _baro_gone.id ORDER BY 1"),
                           0);
        places.insert(places.end(), some.begin(), some.end());
    }
    found.gone = std::move(places);
    found.kept = total - static_cast<std::int64_t>(found.gone.size());
    c.difference.rows = std::make_shared<pg::row_difference>(std::move(found));
    relation::count_rows(c);
    show_as_it_will_be(c, columns, is_none_of(old, "_baro_place"), shop);
}

/// The rows whose place is taken have a place in their copy alone.
void compare_by_sql(relation::candidate &c, const std::string &replaced, workshop &shop) {
    relation::watch_others(c);
    const std::int64_t total = pg::project_sql("SELECT pg_catalog.count(*) FROM " + c.published_rows()).number(0, 0);
    const std::string columns = columns_after(c);
    analyze_large(c);
    relation::fill_copy(c, "SELECT " + columns + " FROM " + c.published_rows() + " AS t WHERE " + replaced);
    pg::row_difference found =
        pg::compare_rows(pg::oid_of(c.places()), pg::oid_of(c.made()), pg::memory_for_comparing());
    found.kept = total - static_cast<std::int64_t>(found.gone.size());
    c.difference.rows = std::make_shared<pg::row_difference>(std::move(found));
    relation::count_rows(c);
    show_as_it_will_be(c, columns, "NOT (" + replaced + ")", shop);
}

} // namespace

void show_difference(relation::candidate &c, workshop &shop) {
    const pg::row_difference &rows = *c.difference.rows;
    const std::string columns = columns_after(c);
    const pg::named_rows gone("_baro_gone", rows.gone);
    if (rows.kept <= static_cast<std::int64_t>(rows.missing.size())) {
        if (rows.kept > 0)
            pg::project_sql("INSERT INTO " + c.made() + " SELECT " + columns + " FROM " + c.published_rows() +
                            " AS t WHERE " + is_none_of("_baro_gone", "id"));
        shop.place(c.node, c.schema, c.built, 'r');
        return;
    }
    c.is_delta = true;
    shop.keep(c.node, c.schema, c.built);
    if (rows.gone.empty())
        return show_as_it_will_be(c, columns, "true", shop);
    const std::string old_name = shop.new_name(), old = pg::qualified(c.schema, old_name);
    pg::project_sql(
        (static_cast<std::int64_t>(rows.gone.size()) > many_rows ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ") + old +
        " AS SELECT id AS _baro_place FROM _baro_gone");
    shop.keep(c.node, c.schema, old_name);
    show_as_it_will_be(c, columns, is_none_of(old, "_baro_place"), shop);
}

void compare_delta(relation::candidate &c, const std::string &replaced, workshop &shop,
                   std::optional<std::int64_t> counted) {
    c.is_delta = true;
    if (c.copy.empty())
        compare_in_heap(c, replaced, counted, shop);
    else
        compare_by_sql(c, replaced, shop);
}

} // namespace barometre::model::transform
