#include "model/transform/row_changes.h"
#include "core/error.h"
#include "core/sql/comparison.h"
#include "core/sql/widening.h"
#include "core/text/text.h"
#include "model/relation/columns.h"
#include "pg/messages.h"
#include "pg/named_rows.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace barometre::model::transform {

namespace {

/// From here on private tables are made without WAL, and analyzed.
constexpr std::size_t many_changes = 50'000;
/// Places that are looked up together, as their text takes memory.
constexpr std::size_t places_together = 500'000;
/// Columns of both sides that one SELECT can join.
constexpr std::size_t columns_together = 500;
/// Characters of a value that are looked at for an example.
constexpr char longest_value[] = "100000";

std::string as_text(const std::string &expression) {
    return "pg_catalog.left(CAST(" + expression + " AS pg_catalog.text), " + longest_value + ")";
}

/// Several values of a row in one text.
std::string listed(const std::string &alias, const std::vector<std::string> &columns) {
    if (columns.empty())
        return "CAST(NULL AS pg_catalog.text)";
    return "pg_catalog.array_to_string(ARRAY[" +
           text::join(columns, ", ",
                      [&](const std::string &name) { return as_text(alias + "." + pg::quote_identifier(name)); }) +
           "], ', ', 'NULL')";
}

/// How values of a column are compared.
sql::comparison comparison_in(const std::vector<pg::table_column> &columns, const std::string &name) {
    return pg::comparison_of(sql::without_collation(relation::find_column(columns, name)->type));
}

/// What names a row in examples, and their order.
struct row_name {
    std::string shown, order;
};

std::string sortable(const std::string &expression, const sql::comparison &by) {
    if (by.exceeds.empty())
        return "CAST(" + expression + " AS pg_catalog.text)";
    return by.as.empty() ? expression : "CAST(" + expression + " AS " + by.as + ")";
}

row_name name_row(const std::string &alias, const std::vector<pg::table_column> &columns,
                  const std::vector<std::string> &key) {
    row_name out{listed(alias, key), ""};
    for (const std::string &name : key)
        text::append(out.order, sortable(alias + "." + pg::quote_identifier(name), comparison_in(columns, name)));
    return out;
}

std::vector<std::string> names_of(const std::vector<pg::table_column> &columns) {
    std::vector<std::string> out;
    for (const pg::table_column &c : columns)
        out.push_back(c.name);
    return out;
}

/// Lines with the rows that come or go: `sql` begins at FROM, and names them by the alias r.
void add_examples(std::vector<change_line> &to, const std::string &change, const std::string &sql,
                  const std::vector<pg::table_column> &columns, const std::vector<std::string> &key,
                  std::int64_t samples) {
    if (samples == 0)
        return;
    const row_name name = name_row("r", columns, key);
    const auto found =
        pg::project_sql("SELECT " + name.shown + ", " + listed("r", names_of(columns)) + " " + sql + " ORDER BY " +
                        (key.empty() ? "2" : name.order + ", 2") + " LIMIT " + std::to_string(samples));
    for (const pg::row &r : found.rows) {
        change_line line{change, r.at(0), {}, {}, {}, {}};
        (change == "removed" ? line.published : line.built) = r.at(1);
        to.push_back(std::move(line));
    }
}

/// The rows that differ, in private tables of their own.
class apart {
public:
    apart(const compared_rows &c, workshop &shop, std::int64_t samples) : c_(c), shop_(shop), samples_(samples) {
        for (const std::string &name : c.key)
            by_.push_back(comparison_in(c.columns, name));
        gone_ = set_apart(c.published, c.rows.gone);
        missing_ = set_apart(c.built, c.rows.missing);
        if (!c.key.empty() && !c.rows.gone.empty() && !c.rows.missing.empty())
            find_pairs();
    }

    std::vector<change_line> lines() const {
        std::vector<change_line> out;
        add(out, "removed", c_.rows.gone.size(), gone_, "gone");
        add(out, "added", c_.rows.missing.size(), missing_, "missing");
        if (changed_ > 0)
            add_changed(out);
        if (c_.rows.kept > 0 || out.empty())
            out.push_back({"unchanged", {}, {}, {}, {}, c_.rows.kept});
        return out;
    }

private:
    std::string make(const std::string &query, bool large) {
        const std::string name = pg::qualified(c_.schema, shop_.new_name());
        pg::project_sql((large ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ") + name + " AS " + query);
        return name;
    }

    std::string set_apart(const std::string &from, const std::vector<pg::row_place> &places) {
        const std::string columns = pg::column_list(names_of(c_.columns), "t."), source = from + " AS t";
        const std::string into =
            make("SELECT " + columns + " FROM " + source + " WITH NO DATA", places.size() > many_changes);
        std::uint64_t found = 0;
        for (std::size_t at = 0; at < places.size(); at += places_together) {
            const auto first = places.begin() + static_cast<std::ptrdiff_t>(at);
            const pg::named_rows some(
                "_baro_some",
                {first, first + static_cast<std::ptrdiff_t>(std::min(places_together, places.size() - at))});
            found += pg::project_sql("INSERT INTO " + into + " SELECT " + columns + " FROM " + source +
                                     " JOIN _baro_some AS s ON t.ctid OPERATOR(pg_catalog.=) s.id")
                         .processed;
        }
        if (found != places.size())
            throw error("40001", c_.what + ": another session changed " + c_.published + " while it was compared", "",
                        "Call baro_diff() again.");
        if (places.size() > many_changes)
            pg::project_script("ANALYZE " + into);
        return into;
    }

    std::string same(const std::string &one, const std::string &other) const {
        std::string out;
        for (std::size_t i = 0; i < by_.size(); ++i) {
            const std::string name = pg::quote_identifier(c_.key[i]);
            text::append(out, by_[i].equal(one + "." + name, other + "." + name), " AND ");
        }
        return out;
    }

    /// The keys of rows that differ on both sides, and that come more than once on one of them.
    std::string find_repeated() {
        std::string keys, named, both;
        for (std::size_t i = 0; i < by_.size(); ++i) {
            const std::string name = pg::quote_identifier(c_.key[i]);
            const std::string value = by_[i].as.empty() ? "r." + name : "CAST(r." + name + " AS " + by_[i].as + ")";
            text::append(keys, value);
            text::append(named, value + " AS " + name);
        }
        for (const std::string &side : {c_.published, c_.all_built})
            text::append(both,
                         "SELECT " + named + " FROM " + side + " AS r WHERE EXISTS (SELECT FROM " + gone_ +
                             " AS g WHERE " + same("g", "r") + ") AND EXISTS (SELECT FROM " + missing_ +
                             " AS m WHERE " + same("m", "r") + ") GROUP BY " + keys +
                             " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1",
                         " UNION ALL ");
        return make(both, false);
    }

    void find_pairs() {
        const std::string repeated = find_repeated();
        const row_name of_repeated = name_row("r", c_.columns, c_.key), of_pair = name_row("g", c_.columns, c_.key);
        if (const auto found = pg::project_sql("SELECT " + of_repeated.shown + " FROM " + repeated +
                                               " AS r GROUP BY 1 ORDER BY 1 LIMIT 1");
            !found.empty())
            pg::notice(c_.what + ": rows of the same " + text::join(c_.key) +
                           " are shown as removed and added: " + found.text(0, 0) + ", for example",
                       "Which of them is which can't be told.");
        std::string nulls;
        for (const std::string &table : {gone_, missing_})
            text::append(nulls,
                         "SELECT FROM " + table + " WHERE pg_catalog.num_nulls(" + pg::column_list(c_.key) +
                             ") OPERATOR(pg_catalog.>) 0",
                         " UNION ALL ");
        if (const std::int64_t n = pg::project_sql("SELECT pg_catalog.count(*) FROM (" + nulls + ") AS n").number(0, 0);
            n > 0)
            pg::notice(c_.what + ": rows without a value for " + text::join(c_.key) +
                       " are shown as removed and added: " + text::format_count(n));
        pairs_ =
            make("SELECT g.ctid AS gone, m.ctid AS missing, pg_catalog.row_number() OVER (ORDER BY " + of_pair.order +
                     ") AS place FROM " + gone_ + " AS g JOIN " + missing_ + " AS m ON " + same("g", "m") +
                     " WHERE NOT EXISTS (SELECT FROM " + repeated + " AS r WHERE " + same("r", "g") + ")",
                 std::min(c_.rows.gone.size(), c_.rows.missing.size()) > many_changes);
        changed_ = pg::project_sql("SELECT pg_catalog.count(*) FROM " + pairs_).number(0, 0);
        if (changed_ > static_cast<std::int64_t>(many_changes))
            pg::project_script("ANALYZE " + pairs_);
    }

    void add(std::vector<change_line> &to, const std::string &change, std::size_t all, const std::string &table,
             const std::string &side) const {
        const std::int64_t n = static_cast<std::int64_t>(all) - changed_;
        if (n == 0)
            return;
        to.push_back({change, {}, {}, {}, {}, n});
        add_examples(to, change,
                     "FROM " + table + " AS r" +
                         (pairs_.empty() ? ""
                                         : " WHERE NOT EXISTS (SELECT FROM " + pairs_ + " AS p WHERE p." + side +
                                               " OPERATOR(pg_catalog.=) r.ctid)"),
                     c_.columns, c_.key, samples_);
    }

    void add_changed(std::vector<change_line> &to) const {
        const std::string from = " FROM " + pairs_ + " AS p JOIN " + gone_ +
                                 " AS g ON g.ctid OPERATOR(pg_catalog.=) p.gone JOIN " + missing_ +
                                 " AS m ON m.ctid OPERATOR(pg_catalog.=) p.missing";
        // Whether they are the same byte for byte, whatever their type can do: *= compares rows so.
        const auto differs = [](const pg::table_column &c) {
            const std::string name = pg::quote_identifier(c.name);
            return "NOT (CAST(ROW(g." + name + ") AS pg_catalog.record) OPERATOR(pg_catalog.*=) CAST(ROW(m." + name +
                   ") AS pg_catalog.record))";
        };
        to.push_back({"changed", {}, {}, {}, {}, changed_});
        std::vector<std::int64_t> counts;
        for (std::size_t at = 0; at < c_.columns.size(); at += columns_together) {
            std::string some;
            for (std::size_t i = at; i < std::min(at + columns_together, c_.columns.size()); ++i)
                text::append(some, "pg_catalog.count(*) FILTER (WHERE " + differs(c_.columns[i]) + ")");
            const auto found = pg::project_sql("SELECT " + some + from);
            for (std::size_t i = 0; i < found.names.size(); ++i)
                counts.push_back(found.number(0, i));
        }
        const row_name name = name_row("g", c_.columns, c_.key);
        for (std::size_t i = 0; i < c_.columns.size(); ++i) {
            const pg::table_column &column = c_.columns[i];
            const std::int64_t n = counts[i];
            if (n == 0)
                continue;
            to.push_back({"changed", {}, column.name, {}, {}, n});
            const std::string quoted = pg::quote_identifier(column.name);
            if (samples_ > 0)
                for (pg::row &r : pg::project_sql("SELECT " + name.shown + ", " + as_text("g." + quoted) + ", " +
                                                  as_text("m." + quoted) + from + " WHERE " + differs(column) +
                                                  " ORDER BY p.place LIMIT " + std::to_string(samples_))
                                      .rows)
                    to.push_back({"changed", r.at(0), column.name, r.at(1), r.at(2), {}});
        }
    }

    const compared_rows &c_;
    workshop &shop_;
    const std::int64_t samples_;
    std::vector<sql::comparison> by_; ///< of the key
    std::string gone_, missing_;
    std::string pairs_; ///< of rows in both with the same key; empty: none were sought
    std::int64_t changed_ = 0;
};

} // namespace

std::vector<change_line> tell_rows(const compared_rows &c, workshop &shop, std::int64_t samples) {
    return apart(c, shop, samples).lines();
}

std::vector<change_line> tell_new_rows(const std::string &built, const std::vector<pg::table_column> &columns,
                                       const std::vector<std::string> &key, std::int64_t samples) {
    const std::int64_t n = pg::project_sql("SELECT pg_catalog.count(*) FROM " + built).number(0, 0);
    std::vector<change_line> out{{"added", {}, {}, {}, {}, n}};
    add_examples(out, "added", "FROM " + built + " AS r", columns, key, samples);
    return out;
}

} // namespace barometre::model::transform
