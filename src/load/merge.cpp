#include "load/merge.h"
#include "core/text/text.h"
#include "load/same_rows.h"
#include "load/withheld.h"
#include "pg/distribution.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/repeated_keys.h"
#include "pg/transaction.h"

#include <algorithm>

namespace barometre::load {

namespace {

/// Runs `f` with other planner settings.
void with_settings(const std::vector<std::pair<std::string, std::string>> &settings, const std::function<void()> &f) {
    auto set = [](const std::string &name, const std::string &value) {
        return pg::sql("SELECT old, pg_catalog.set_config($1, $2, true) FROM pg_catalog.current_setting($1) AS old",
                       {name, value})
            .text(0, 0);
    };
    std::vector<std::string> before;
    for (const auto &[name, value] : settings)
        before.push_back(set(name, value));
    f();
    for (std::size_t i = 0; i < settings.size(); ++i)
        set(settings[i].first, before[i]);
}

/// Inserts rows by `insert`, which takes a range of _baro_seq; where the table refuses a row, by halves, so that only
/// the refused ones are missing: each is handed to `refuse`, which may throw. `prepare` is called before the first
/// half, and throws where it is no row's fault.
void insert_by_halves(std::int64_t first, std::int64_t last,
                      const std::function<void(std::int64_t, std::int64_t)> &insert,
                      const std::function<void()> &prepare,
                      const std::function<void(std::int64_t, const error &)> &refuse) {
    try {
        pg::in_subtransaction([&] { insert(first, last); });
        return;
    } catch (const error &e) {
        if (!e.blames_record())
            throw;
        if (first == last) {
            refuse(first, e);
            return;
        }
    }
    if (prepare)
        prepare();
    const std::int64_t middle = first + (last - first) / 2;
    insert_by_halves(first, middle, insert, {}, refuse);
    insert_by_halves(middle + 1, last, insert, {}, refuse);
}

/// The column with the longest value of those under an index, which the server does not name when it is too long for
/// one; or nothing, if none is long.
std::string longest_indexed(const std::string &target, const std::string &wanted, std::int64_t sequence) {
    auto indexed = pg::sql("SELECT DISTINCT a.attname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
                           "ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) JOIN pg_catalog.pg_attribute w "
                           "ON w.attrelid = $2::regclass AND w.attname = a.attname AND w.attnum > 0 "
                           "WHERE i.indrelid = $1::regclass",
                           {target, wanted});
    std::string lengths;
    for (std::size_t i = 0; i < indexed.rows.size(); ++i)
        text::append(lengths, "(" + pg::quote_literal(indexed.text(i, 0)) + ", pg_catalog.octet_length(s." +
                                  pg::quote_identifier(indexed.text(i, 0)) + "::text))");
    if (lengths.empty())
        return "";
    auto longest =
        pg::project_sql("SELECT c.name FROM " + wanted + " AS s, LATERAL (VALUES " + lengths +
                        ") AS c (name, length) WHERE s._baro_seq OPERATOR(pg_catalog.=) " + std::to_string(sequence) +
                        " AND c.length OPERATOR(pg_catalog.>) 500 ORDER BY c.length DESC LIMIT 1");
    return longest.empty() ? "" : longest.text(0, 0);
}

/// Told of a row that was taken out: its _baro_file and _baro_line, and what more is asked for.
using take_row = std::function<void(const pg::result &row, const error &why)>;

/// Runs `insert`, which selects from `wanted`, with `rest` after it; rows that the table refuses are taken out of it,
/// and handed to `take` with the columns `more`. Throws when any other does not arrive. Gives how many were refused.
std::int64_t insert_wanted(const std::string &target, const std::string &wanted, const std::string &insert,
                           const std::string &rest, const std::string &more, const take_row &take,
                           const withholders &withheld) {
    auto ends = pg::sql("SELECT pg_catalog.min(_baro_seq), pg_catalog.max(_baro_seq), count(*) FROM " + wanted);
    if (!ends.at(0, 0))
        return 0;
    std::int64_t done = 0, refused = 0;
    bool whole = true;
    insert_by_halves(
        ends.number(0, 0), ends.number(0, 1),
        [&](std::int64_t from, std::int64_t to) {
            const std::string range = whole ? ""
                                            : " WHERE _baro_seq OPERATOR(pg_catalog.>=) " + std::to_string(from) +
                                                  " AND _baro_seq OPERATOR(pg_catalog.<=) " + std::to_string(to);
            done += static_cast<std::int64_t>(pg::project_sql(insert + range + rest).processed);
        },
        [&] {
            whole = false;
            // What fails without a row as well (a privilege, a trigger FOR EACH STATEMENT) is no row's fault.
            pg::rolled_back([&] { pg::project_sql(insert + " WHERE false" + rest); });
            pg::project_script("CREATE INDEX ON " + wanted + " (_baro_seq)");
            pg::analyze(wanted, "_baro_seq");
        },
        [&](std::int64_t at, error why) {
            ++refused;
            if (why.sqlstate == "54000" && why.column_name.empty())
                why.column_name = longest_indexed(target, wanted, at);
            take(pg::sql("DELETE FROM " + wanted + " WHERE _baro_seq = $1::bigint RETURNING _baro_file, _baro_line" +
                             more,
                         {std::to_string(at)}),
                 why);
        });
    withheld.look_for(wanted, done, ends.number(0, 2) - refused);
    return refused;
}

take_row told_by_line(const refuse_row &refuse) {
    return [&refuse](const pg::result &row, const error &why) { refuse(row.number(0, 0), row.number(0, 1), why); };
}

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

namespace {

/// That t and s have the same key.
std::string same_key(const std::vector<std::string> &columns, const std::vector<std::string> &types,
                     const std::vector<std::string> &key) {
    std::string on;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (const std::string name = pg::quote_identifier(columns[i]); text::contains(key, columns[i]))
            text::append(on, pg::comparison_of(types[i]).equal("t." + name, "s." + name), " AND ");
    return on;
}

} // namespace

std::int64_t count_absent(const std::string &target, const std::string &source, const std::vector<std::string> &columns,
                          const std::vector<std::string> &types, const std::vector<std::string> &key,
                          const std::vector<std::string> &file_ids) {
    return pg::project_sql("SELECT pg_catalog.count(*) FROM " + target +
                           " AS t WHERE t._baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(file_ids) +
                           ") AND NOT EXISTS (SELECT FROM " + pg::beside(pg::oid_of(target), source, key) +
                           " AS s WHERE " + same_key(columns, types, key) + ")")
        .number(0, 0);
}

merge_counts merge_by_key(const std::string &target, const std::string &local, const std::vector<std::string> &columns,
                          const std::vector<std::string> &types, const std::vector<std::string> &key,
                          const merge_order &order, const refuse_row &refuse) {
    const std::string on = same_key(columns, types, key);
    std::string changed, set;
    sql::comparison of_first_key;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string name = pg::quote_identifier(columns[i]);
        const sql::comparison compared = pg::comparison_of(types[i]);
        if (columns[i] == key[0])
            of_first_key = compared;
        if (text::contains(key, columns[i]))
            continue;
        text::append(changed, compared.distinct("t." + name, "s." + name), " OR ");
        set += name + " = excluded." + name + ", ";
    }
    std::vector<std::string> all = columns;
    all.insert(all.end(), {"_baro_file", "_baro_line"});
    const std::string keys = pg::column_list(key);

    merge_counts counts;
    // Joins of all rows of a file: with little memory they would go through temporary files. Local
    // to the load, whose pinned settings end with it.
    pg::sql("SELECT pg_catalog.set_config('work_mem', '64MB', true) WHERE pg_catalog.pg_size_bytes("
            "pg_catalog.current_setting('work_mem')) < 67108864");
    // Ordinarily no key is there twice, and to look for one takes less than to sort or to group all rows.
    if (!order.distinct_keys && pg::may_repeat(pg::oid_of(local), key) &&
        pg::project_sql("SELECT EXISTS (SELECT FROM " + local + " GROUP BY " + keys +
                        " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1)")
            .yes(0, 0))
        counts.superseded = delete_superseded(local, key, "_baro_seq");
    // When a file grew its keys are often beyond all that the table has: nothing is to be compared.
    const std::string first_key = pg::quote_identifier(key[0]);
    if (order.distinct_keys && order.keep_absent && !of_first_key.exceeds.empty() &&
        pg::project_sql(
            "SELECT coalesce(" +
            of_first_key.greater(
                "(SELECT s." + first_key + " FROM " + local + " AS s ORDER BY s." + first_key + " LIMIT 1)",
                "(SELECT t." + first_key + " FROM " + target + " AS t ORDER BY t." + first_key + " DESC LIMIT 1)") +
            ", true)")
            .yes(0, 0)) {
        const std::string insert = "INSERT INTO " + target + " (" + pg::column_list(all) + ") SELECT " +
                                   pg::column_list(all) + " FROM " + local + " ORDER BY _baro_seq";
        try {
            pg::in_subtransaction(
                [&] { counts.inserted = static_cast<std::int64_t>(pg::project_sql(insert).processed); });
            withholders(target, writes::insert).look_for(local, counts.inserted, order.staged);
            counts.inserted = order.staged;
            return counts;
        } catch (const error &e) {
            if (!e.blames_record()) // else somebody else was faster, or a row is refused: compared after all
                throw;
            counts.inserted = 0;
        }
    }
    const std::string staging = pg::spread_copy(target, local);
    if (!order.keep_absent) {
        const std::string absent =
            " FROM " + target + " AS t WHERE NOT EXISTS (SELECT FROM " + staging + " AS s WHERE " + on + ")";
        counts.deleted = delete_rows(target, absent);
    }
    // The join finds what is new or changed before ON CONFLICT locks any row. Into a table of its
    // own, because the server makes tables, and nothing else, from parallel queries.
    const std::string wanted = staging + "_wanted";
    // For few records the planner would still read the whole table once, to spare itself random
    // reads that the cache mostly answers.
    const bool few = pg::sql("SELECT reltuples > 8 * $2::float8 FROM pg_catalog.pg_class WHERE oid = $1::regclass",
                             {target, std::to_string(order.staged)})
                         .yes(0, 0);
    const std::string fill = "SELECT s.*, t." + first_key + " IS NULL AS _baro_new FROM " + staging +
                             " AS s LEFT JOIN " + target + " AS t ON " + on + " WHERE t." + first_key + " IS NULL" +
                             (changed.empty() ? "" : " OR " + changed);
    if (few)
        with_settings({{"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}},
                      [&] { pg::make_like(target, wanted, fill); });
    else // most rows are the same ones again, which the planner can't know
        with_settings({{"parallel_tuple_cost", "0"}}, [&] { pg::make_like(target, wanted, fill); });
    auto counted =
        pg::sql("SELECT count(*) FILTER (WHERE _baro_new), count(*) FILTER (WHERE NOT _baro_new) FROM " + wanted);
    counts.inserted = counted.number(0, 0);
    counts.updated = counted.number(0, 1);
    counts.unchanged = order.staged - counts.superseded - counts.inserted - counts.updated;
    insert_wanted(
        target, wanted,
        "INSERT INTO " + target + " AS t (" + pg::column_list(all) + ") SELECT " + pg::column_list(all) + " FROM " +
            wanted,
        (staging != local ? "" : " ORDER BY _baro_seq") + std::string(" ON CONFLICT (") + keys + ") DO UPDATE SET " +
            set + "_baro_file = excluded._baro_file, _baro_line = excluded._baro_line",
        ", _baro_new",
        [&](const pg::result &row, const error &why) {
            --(row.yes(0, 2) ? counts.inserted : counts.updated);
            told_by_line(refuse)(row, why);
        },
        withholders(target, writes::upsert));
    pg::project_script("DROP TABLE " + wanted + (staging != local ? ", " + staging : ""));
    return counts;
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
