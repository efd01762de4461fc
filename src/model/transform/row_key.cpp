#include "model/transform/row_key.h"
#include "core/text/text.h"
#include "model/relation/columns.h"
#include "pg/spi.h"

#include <algorithm>
#include <cstddef>

namespace barometre::model::transform {

namespace {

std::vector<std::string> configured_key(const project::model &m) {
    if (!m.is_snapshot())
        return m.incremental.unique_key;
    std::vector<std::string> out = m.snapshot.unique_key; // of which it keeps a row for each time
    out.push_back("dbt_valid_from");
    return out;
}

/// A column with the test unique, if possible one with not_null as well; empty: there is none.
std::string tested_column(const std::vector<project::column> &columns, const std::vector<project::generic_test> &more) {
    std::vector<std::string> unique, filled;
    const auto look_at = [&](const std::vector<project::generic_test> &tests) {
        for (const project::generic_test &t : tests)
            if (t.macro.empty() && t.config.where.empty() && !t.column.empty()) {
                if (t.test == "unique")
                    unique.push_back(t.column);
                else if (t.test == "not_null")
                    filled.push_back(t.column);
            }
    };
    for (const project::column &c : columns)
        look_at(c.tests);
    look_at(more); // those of the table name a column, too
    for (const std::string &column : unique)
        if (barometre::text::contains(filled, column))
            return column;
    return unique.empty() ? "" : unique.front();
}

/// The columns of the unique indexes of a relation, its primary key first, then those of the fewest columns.
std::vector<std::vector<std::string>> unique_indexes(pg::oid relation) {
    const auto found = pg::sql("SELECT i.indexrelid, a.attname FROM pg_catalog.pg_index i "
                               "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid, "
                               "LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place) "
                               "JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::oid AND a.attnum = k.attnum "
                               "WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL "
                               "AND i.indexprs IS NULL AND k.place <= i.indnkeyatts "
                               "ORDER BY i.indisprimary DESC, i.indnkeyatts, c.relname, k.place",
                               {std::to_string(relation)});
    std::vector<std::vector<std::string>> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        if (i == 0 || found.text(i, 0) != found.text(i - 1, 0))
            out.emplace_back();
        out.back().push_back(found.text(i, 1));
    }
    return out;
}

} // namespace

row_key::row_key(const relation::candidate &c, const std::vector<pg::table_column> &known) {
    const auto take = [&](const std::vector<std::string> &names, const char *from) {
        const bool fits = !names.empty() && std::all_of(names.begin(), names.end(), [&](const std::string &name) {
            return relation::find_column(known, name) != nullptr;
        });
        if (fits) {
            columns = names;
            source = from;
        }
        return fits;
    };
    if (c.model && take(configured_key(*c.model), "unique_key"))
        return;
    const std::string tested =
        c.model ? tested_column(c.model->columns, c.model->tests) : tested_column(c.seed->columns, c.seed->tests);
    if (!tested.empty() && take({tested}, "test unique"))
        return;
    if (c.published.oid != pg::no_oid)
        for (const std::vector<std::string> &index : unique_indexes(c.published.oid))
            if (take(index, "unique index"))
                return;
}

std::string row_key::text() const {
    return columns.empty() ? "nothing says which columns tell its rows apart: they are shown as removed and added"
                           : "rows are matched by " + barometre::text::join(columns) + " (" + source + ")";
}

std::string row_key::hint() const {
    return columns.empty() ? "Give the model a unique_key, a column the test unique, or its table a unique index." : "";
}

} // namespace barometre::model::transform
