#include "load/same_rows.h"
#include "core/error.h"
#include "core/text/text.h"
#include "load/withheld.h"
#include "pg/distribution.h"
#include "pg/named_rows.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/row_difference.h"

namespace barometre::load {

namespace {

/// The columns by which indexes begin, with their types, of which `rows` has a value everywhere: what is equal in
/// content is equal in them.
std::vector<pg::table_column> sought_by(const std::string &target, const std::string &rows) {
    const auto indexed =
        pg::sql("SELECT DISTINCT a.attname, pg_catalog.format_type(a.atttypid, NULL) FROM pg_catalog.pg_index i JOIN "
                "pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = "
                "$1::regclass AND i.indisvalid AND i.indpred IS NULL ORDER BY 1",
                {target});
    std::vector<pg::table_column> out;
    for (std::size_t i = 0; i < indexed.rows.size(); ++i) {
        const pg::table_column column{indexed.text(i, 0), indexed.text(i, 1)};
        if (pg::comparison_of(column.type).as.empty() &&
            pg::project_sql("SELECT FROM " + rows + " AS r WHERE r." + pg::quote_identifier(column.name) +
                            " IS NULL LIMIT 1")
                    .processed == 0)
            out.push_back(column);
    }
    return out;
}

} // namespace

std::vector<std::string> columns_for_rows(const std::string &table, bool generated) {
    const auto found = pg::sql("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::regclass AND attnum > "
                               "0 AND NOT attisdropped AND (attgenerated = '' OR $2::bool) ORDER BY attnum",
                               {table, generated ? "t" : "f"});
    std::vector<std::string> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.push_back(found.text(i, 0));
    return out;
}

std::string content_of(const std::string &alias, const std::vector<std::string> &columns) {
    return "CAST(ROW(" + pg::column_list(columns, alias + ".") + ") AS pg_catalog.text)";
}

same_rows::same_rows(const std::string &target, const std::string &rows, const std::vector<std::string> &columns) {
    pg::analyze(rows);
    if (pg::is_planned_otherwise(pg::oid_of(target))) {
        match_columns(target, rows, columns);
        return;
    }
    std::string keys, equal;
    for (const pg::table_column &column : sought_by(target, rows)) {
        const std::string name = pg::quote_identifier(column.name);
        keys += ", x." + name;
        equal += " AND " + pg::comparison_of(column.type).equal("t." + name, "r." + name);
    }
    contents_ =
        "(SELECT DISTINCT " + content_of("x", columns) + " AS _baro_content" + keys + " FROM " + rows + " AS x) AS r";
    matches_ = content_of("t", columns) + " OPERATOR(pg_catalog.=) r._baro_content" + equal;
}

void same_rows::match_columns(const std::string &target, const std::string &rows,
                              const std::vector<std::string> &columns) {
    std::string each;
    for (const std::string &column : columns) {
        const std::string name = pg::quote_identifier(column);
        const sql::comparison compared = pg::comparison_of(
            pg::sql("SELECT pg_catalog.format_type(atttypid, NULL) FROM pg_catalog.pg_attribute WHERE attrelid = "
                    "$1::regclass AND attname = $2",
                    {target, column})
                .text(0, 0));
        text::append(each, compared.as.empty() ? "x." + name : "CAST(x." + name + " AS " + compared.as + ")");
        const bool has_nulls =
            pg::project_sql("SELECT FROM " + rows + " AS r WHERE r." + name + " IS NULL LIMIT 1").processed > 0;
        text::append(matches_,
                     has_nulls ? "NOT (" + compared.distinct("t." + name, "r." + name) + ")"
                               : compared.equal("t." + name, "r." + name),
                     " AND ");
    }
    const std::string distinct =
        "SELECT DISTINCT ON (" + each + ") " + pg::column_list(columns, "x.") + " FROM " + rows + " AS x";
    copy_ = rows + "_each";
    pg::make_like(target, copy_, distinct);
    contents_ = copy_ + " AS r";
}

void same_rows::drop() const {
    if (!copy_.empty())
        pg::project_script("DROP TABLE " + copy_);
}

std::int64_t delete_found(const std::string &target, const std::string &rows, const std::string &scratch) {
    if (pg::distribution_of(pg::oid_of(target)).is_local())
        return delete_rows(target, rows);
    pg::project_script("CREATE UNLOGGED TABLE " + scratch + " USING heap AS SELECT t.*" + rows);
    const std::int64_t found = pg::sql("SELECT count(*) FROM " + scratch).number(0, 0);
    delete_same(target, target, scratch, scratch + "_same");
    pg::project_script("DROP TABLE " + scratch);
    return found;
}

void delete_same(const std::string &target, const std::string &from, const std::string &rows,
                 const std::string &scratch) {
    if (pg::sql("SELECT FROM " + rows + " LIMIT 1").processed == 0)
        return;
    const std::vector<std::string> written = columns_for_rows(target, false);
    const auto changed = [&] {
        return error("40001", "another session changed " + target + " while its rows were compared", "", "Run again.");
    };
    const same_rows same(target, rows, columns_for_rows(target, true));
    const std::string which = same.contents() + " WHERE " + same.matches();
    pg::project_script("CREATE UNLOGGED TABLE " + scratch + " USING heap AS SELECT t.* FROM " + from + " AS t, " +
                       which);
    const pg::row_difference found =
        pg::compare_rows(pg::oid_of(scratch), pg::oid_of(rows), pg::memory_for_comparing());
    if (!found.missing.empty())
        throw changed();
    const auto stay = static_cast<std::int64_t>(found.gone.size());
    const auto done =
        static_cast<std::int64_t>(pg::project_sql("DELETE FROM " + from + " AS t USING " + which).processed);
    const withholders withheld(target, writes::deletion);
    withheld.look_whether_gone("SELECT pg_catalog.count(*) FROM " + from + " AS t, " + which, done);
    if (!withheld.any() && done != found.kept + stay)
        throw changed();
    same.drop();
    if (stay > 0) {
        {
            const pg::named_rows back("_baro_back", found.gone);
            pg::project_sql("DELETE FROM " + scratch +
                            " AS x WHERE NOT EXISTS (SELECT FROM _baro_back AS b WHERE b.id "
                            "OPERATOR(pg_catalog.=) x.ctid)");
        }
        const auto put = static_cast<std::int64_t>(
            pg::project_sql("INSERT INTO " + target + (written.empty() ? "" : " (" + pg::column_list(written) + ")") +
                            " OVERRIDING SYSTEM VALUE SELECT " + pg::column_list(written, "x.") + " FROM " + scratch +
                            " AS x")
                .processed);
        if (put != stay)
            withholders(target, writes::insert).refuse(stay - put, stay);
    }
    pg::project_script("DROP TABLE " + scratch);
}

} // namespace barometre::load
