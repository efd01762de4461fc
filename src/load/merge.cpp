#include "load/merge.h"
#include "core/text/text.h"
#include "load/insert_wanted.h"
#include "load/same_rows.h"
#include "load/withheld.h"
#include "pg/distribution.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/transaction.h"

#include <algorithm>

namespace barometre::load {

namespace {

/// Inserts rows of `source` into `target` by `statement`; where the table refuses some, those that `select` gives, one
/// by one as far as it must be. Counts them, and gives how many were refused.
std::int64_t insert_rows(const std::string &target, const std::string &source, const std::vector<std::string> &columns,
                         const std::string &statement, const std::string &select, const refuse_row &refuse,
                         merge_counts &counts) {
    const withholders withheld(target, writes::insert);
    if (!withheld.any()) {
        try {
            pg::in_subtransaction(
                [&] { counts.inserted = static_cast<std::int64_t>(pg::project_sql(statement).processed); });
            return 0;
        } catch (const error &e) {
            if (!e.blames_record())
                throw;
        }
    }
    const std::string wanted = source + "_wanted";
    pg::project_script("CREATE UNLOGGED TABLE " + wanted + " AS " + select);
    const std::int64_t refused = insert_wanted(target, wanted,
                                               "INSERT INTO " + target + " (" + pg::column_list(columns) + ") SELECT " +
                                                   pg::column_list(columns) + " FROM " + wanted,
                                               "", "", told_by_line(refuse), withheld);
    counts.inserted = pg::sql("SELECT count(*) FROM " + wanted).number(0, 0);
    pg::project_script("DROP TABLE " + wanted);
    return refused;
}

} // namespace

merge_counts merge_by_content(const std::string &target, const std::string &source,
                              const std::vector<std::string> &compared, const std::vector<std::string> &written,
                              const std::string &scope, const refuse_row &refuse) {
    std::vector<std::string> all = compared;
    all.insert(all.end(), written.begin(), written.end());
    const std::string content = "ROW(" + pg::column_list(compared, "x.") + ")::text";
    // Equal rows are told apart by a number, so that three of five equal ones can stay.
    auto numbered = [&](const std::string &name, const std::string &table, const std::string &condition) {
        return name + " AS MATERIALIZED (SELECT x.tableoid AS part, x.ctid AS id, " + content +
               " AS content, pg_catalog.row_number() OVER (PARTITION BY " + content + ") AS nth FROM " + table +
               " AS x" + (condition.empty() ? "" : " WHERE " + condition) + ")";
    };
    const std::string both = "WITH " + numbered("before", target, scope) + ", " + numbered("after", source, "");
    const std::string insert = "INSERT INTO " + target + " (" + pg::column_list(all) + ") SELECT " +
                               pg::column_list(all, "s.") + " FROM " + source + " AS s";

    const std::string same = "before.content OPERATOR(pg_catalog.=) after.content AND before.nth "
                             "OPERATOR(pg_catalog.=) after.nth";

    merge_counts counts;
    const bool was_empty =
        pg::project_sql("SELECT FROM " + target + " AS x" + (scope.empty() ? "" : " WHERE " + scope) + " LIMIT 1")
            .processed == 0;
    if (was_empty) {
        insert_rows(target, source, all, insert, "SELECT s.* FROM " + source + " AS s", refuse, counts);
        return counts;
    }
    // First the deletes: a row that replaces another may have its unique key.
    const std::string stale = "before LEFT JOIN after ON " + same + " WHERE ";
    counts.deleted = delete_rows(target,
                                 both + " DELETE FROM " + target + " AS t USING " + stale +
                                     "t.ctid OPERATOR(pg_catalog.=) before.id AND t.tableoid OPERATOR(pg_catalog.=) "
                                     "before.part AND after.id IS NULL",
                                 both + " SELECT pg_catalog.count(*) FROM " + stale + "after.id IS NULL");
    const std::string fresh = " JOIN after ON after.id OPERATOR(pg_catalog.=) s.ctid LEFT JOIN before ON " + same +
                              " WHERE before.id IS NULL";
    const std::int64_t refused = insert_rows(target, source, all, both + " " + insert + fresh,
                                             both + " SELECT s.* FROM " + source + " AS s" + fresh, refuse, counts);
    counts.unchanged = pg::sql("SELECT count(*) FROM " + source).number(0, 0) - counts.inserted - refused;
    return counts;
}

merge_counts merge_by_copy(const std::string &target, const std::string &source,
                           const std::vector<std::string> &compared, const std::vector<std::string> &written,
                           const std::string &scope, const refuse_row &refuse) {
    std::vector<std::string> all = compared;
    all.insert(all.end(), written.begin(), written.end());
    const std::string before = source + "_before", gone = source + "_gone", fresh = source + "_fresh",
                      which = scope.empty() ? "" : " WHERE " + scope;
    const auto make = [](const std::string &table, const std::string &select) {
        pg::project_sql("CREATE UNLOGGED TABLE " + table + " USING heap AS " + select);
        return pg::sql("SELECT count(*) FROM " + table).number(0, 0); // whatever an extension says it did
    };
    // Of equal rows those of the first lines stay.
    const auto numbered = [&](const std::string &rows) {
        const std::string content = content_of("x", compared);
        return "(SELECT x.ctid AS id, " + content + " AS content, pg_catalog.row_number() OVER (PARTITION BY " +
               content + " ORDER BY x._baro_line) AS nth FROM " + rows + " AS x)";
    };
    const auto without_partner = [&](const std::string &one, const std::string &other) {
        return "SELECT x.* FROM " + one + " AS x JOIN " + numbered(one) +
               " AS a ON a.id OPERATOR(pg_catalog.=) x.ctid LEFT JOIN " + numbered(other) +
               " AS b ON a.content OPERATOR(pg_catalog.=) b.content AND a.nth OPERATOR(pg_catalog.=) b.nth WHERE b.id "
               "IS NULL";
    };
    merge_counts counts;
    const std::int64_t there = make(before, "SELECT x.* FROM " + target + " AS x" + which);
    // First the deletes: a row that replaces another may have its unique key.
    counts.deleted = make(gone, without_partner(before, source));
    if (counts.deleted > 0 && counts.deleted == there)
        delete_rows(target, " FROM " + target + " AS x" + which);
    else if (counts.deleted > 0)
        delete_same(target, target, gone, source + "_same");
    const std::int64_t missing = make(fresh, without_partner(source, before));
    std::int64_t refused = 0;
    if (missing > 0)
        refused = insert_rows(target, fresh, all,
                              "INSERT INTO " + target + " (" + pg::column_list(all) + ") SELECT " +
                                  pg::column_list(all) + " FROM " + fresh,
                              "SELECT x.* FROM " + fresh + " AS x", refuse, counts);
    pg::project_script("DROP TABLE " + before + ", " + gone + ", " + fresh);
    counts.unchanged = pg::sql("SELECT count(*) FROM " + source).number(0, 0) - counts.inserted - refused;
    return counts;
}

std::int64_t delete_superseded(const std::string &table, const std::vector<std::string> &key,
                               const std::string &order) {
    return static_cast<std::int64_t>(
        pg::project_sql("DELETE FROM " + table +
                        " AS t USING (SELECT ctid AS id, pg_catalog.row_number() OVER (PARTITION BY " +
                        pg::column_list(key) + " ORDER BY " + order + " DESC) AS nth FROM " + table +
                        ") AS x WHERE x.nth OPERATOR(pg_catalog.>) 1 AND t.ctid OPERATOR(pg_catalog.=) x.id")
            .processed);
}

std::int64_t take_out_refused(const std::string &table, const std::vector<std::string> &key, const std::string &scratch,
                              const refuse_row &refuse) {
    const std::string keys = pg::column_list(key), wanted = scratch + "_wanted";
    // Shorter ones have room in any index.
    const std::string is_long =
        "pg_catalog.octet_length(ROW(" + pg::column_list(key, "t.") + ")::text) OPERATOR(pg_catalog.>) 500";
    pg::project_script("CREATE UNLOGGED TABLE " + wanted + " AS SELECT " + pg::column_list(key, "t.") +
                       ", t._baro_file, t._baro_line, t.ctid AS _baro_place, pg_catalog.row_number() OVER (ORDER BY "
                       "t.ctid) AS _baro_seq FROM " +
                       table + " AS t WHERE " + is_long + "; CREATE UNLOGGED TABLE " + scratch + " AS SELECT " + keys +
                       " FROM " + wanted + " WITH NO DATA; CREATE INDEX ON " + scratch + " (" + keys + ")");
    const std::int64_t refused =
        insert_wanted(scratch, wanted, "INSERT INTO " + scratch + " (" + keys + ") SELECT " + keys + " FROM " + wanted,
                      "", "", told_by_line(refuse), withholders(scratch, writes::insert));
    if (refused > 0) { // written anew, in its order: an index is also made of rows that its own transaction deleted
        const std::string kept = scratch + "_kept";
        pg::project_script("CREATE UNLOGGED TABLE " + kept + " AS SELECT t.* FROM " + table + " AS t WHERE NOT " +
                           is_long + " OR EXISTS (SELECT FROM " + wanted +
                           " AS w WHERE w._baro_place OPERATOR(pg_catalog.=) t.ctid) ORDER BY t.ctid; TRUNCATE " +
                           table + "; INSERT INTO " + table + " SELECT x.* FROM " + kept +
                           " AS x ORDER BY x.ctid; DROP TABLE " + kept);
    }
    pg::project_script("DROP TABLE " + scratch + ", " + wanted);
    return refused;
}

} // namespace barometre::load
