#include "core/snapshot/snapshot_sql.h"
#include "core/sql/quote.h"
#include "core/text/text.h"

#include <algorithm>
#include <functional>

namespace barometre::snapshot {

namespace {

using config = project::snapshot_config;

std::string of(const char *alias, const std::string &name) { return std::string(alias) + "." + sql::quote_name(name); }

std::string null_of(const std::string &type) { return "CAST(NULL AS " + type + ")"; }

/// Comparisons of values that are of the server's own types.
constexpr char plus[] = " OPERATOR(pg_catalog.||) ", above[] = " OPERATOR(pg_catalog.>) ";

/// The parts that the statements share. s is the source, t a row of the table.
class writer {
public:
    explicit writer(const history &h) : h_(h), config_(h.model.snapshot) {
        const column *kept = find_column(h.target_columns, "dbt_valid_from");
        const column *given = find_column(h.source_columns, config_.updated_at);
        time_ = kept ? kept->type : given ? given->type : "timestamp without time zone";
    }

    std::string now() const { return "CAST(" + h_.clock + " AS " + time_ + ")"; }
    const std::string &time() const { return time_; }
    /// When the source says that a row of s was changed; without such a column, now.
    std::string updated() const { return config_.updated_at.empty() ? now() : from_source(config_.updated_at, time_); }

    /// A column of s in the type that the table has for it.
    std::string from_source(const std::string &name, const std::string &type) const {
        const column *given = find_column(h_.source_columns, name);
        return given && given->type != type ? "CAST(" + of("s", name) + " AS " + type + ")" : of("s", name);
    }
    std::string in_its_type(const std::string &name) const {
        const column *kept = find_column(h_.target_columns, name);
        return kept ? from_source(name, kept->type) : of("s", name);
    }

    std::string keys(const char *alias) const {
        return text::join(config_.unique_key, ", ", [&](const std::string &key) { return of(alias, key); });
    }
    std::string same_key(const char *one, const char *other) const {
        return text::join(config_.unique_key, " AND ",
                          [&](const std::string &key) { return compared(key).equal(of(one, key), of(other, key)); });
    }

    /// A column of both, as the table has it.
    const sql::comparison &compared(const std::string &name) const {
        const column *kept = find_column(h_.target_columns, name);
        return (kept ? kept : find_column(h_.source_columns, name))->compared;
    }

    /// Identifies a version. `extra`: of one that would have the identity of an older one by its key and time alone.
    std::string identity(const std::string &extra = {}) const {
        std::string out;
        auto add = [&](const std::string &value) {
            text::append(out, "coalesce(CAST(" + value + " AS varchar), '')", std::string(plus) + "'|'" + plus);
        };
        for (const std::string &key : config_.unique_key)
            add(of("s", key));
        add(updated());
        if (!extra.empty())
            add(extra);
        return "pg_catalog.md5(" + out + ")";
    }

    /// A time, but never one before the version that it ends or follows began: a version ends when or after it begins.
    std::string not_before(const std::string &start, const std::string &time) const {
        return "greatest(" + time + ", " + start + ")";
    }

    /// When a version begins that follows one that began (or was deleted) at `before`: when the source says so. If that
    /// is no later, the source's clock can't be followed; that it changed is seen now.
    std::string start_after(const std::string &before) const {
        if (config_.updated_at.empty())
            return not_before(before, now());
        return "CASE WHEN " + updated() + above + before + " THEN " + updated() + " ELSE " + not_before(before, now()) +
               " END";
    }

    bool tracks_deleted() const { return find_column(h_.target_columns, is_deleted); }
    std::string marked_deleted() const {
        return sql::comparison::by_text().equal(of("t", is_deleted), sql::quote_text(deleted_mark));
    }
    /// Whether the open version t is of a row that was there.
    std::string unmarked() const { return tracks_deleted() ? " AND (" + marked_deleted() + ") IS NOT TRUE" : ""; }

    /// Whether a value of this column makes another version, by the strategy "check".
    bool is_checked(const std::string &name) const {
        const auto among = [&](const std::vector<std::string> &list) {
            return std::find(list.begin(), list.end(), name) != list.end();
        };
        return (config_.check_cols.empty() || among(config_.check_cols)) && !among(config_.unique_key);
    }

    /// Whether s is another version than t.
    std::string changed() const {
        std::string out = tracks_deleted() ? "coalesce(" + marked_deleted() + ", false)" : "";
        auto either = [&](const std::string &one) { text::append(out, one, " OR "); };
        if (config_.strategy == config::strategies::timestamp) {
            either("coalesce(" + updated() + above + "t.dbt_updated_at, true)");
            return out;
        }
        for (const column &c : h_.source_columns) {
            if (!is_checked(c.name))
                continue;
            const column *kept = find_column(h_.target_columns, c.name);
            if (!kept)
                either("pg_catalog.num_nonnulls(" + of("s", c.name) + ")" + above +
                       "0"); // stored versions will have NULL there
            else
                either(kept->compared.distinct(from_source(c.name, kept->type), of("t", c.name)));
        }
        return out.empty() ? "false" : out; // nothing but the key
    }

    /// The pairs of an open version and the row that is another version of it.
    std::string of_changed() const { return "FROM " + h_.pairs + " p " + version() + row(); }
    std::string of_deleted() const { return "FROM " + h_.pairs + " p " + version() + " WHERE p.source IS NULL"; }
    std::string of_fresh() const { return "FROM " + h_.pairs + " p" + row() + " WHERE p.open IS NULL"; }

    /// The beginning of a SELECT of columns_after().
    std::string list(const std::function<std::string(const column &)> &value) const {
        std::string out;
        for (const column &c : columns_after(h_))
            out += (out.empty() ? "SELECT " : ", ") + value(c) + " AS " + sql::quote_name(c.name);
        return out + " ";
    }
    std::string from_table(const column &c) const {
        return find_column(h_.target_columns, c.name) ? of("t", c.name) : null_of(c.type);
    }

    /// A version that ended.
    std::string ended(const std::string &when) const {
        return list([&](const column &c) { return c.name == "dbt_valid_to" ? when : from_table(c); });
    }
    /// A version of what the source has now.
    std::string begun(const std::string &identity, const std::string &when) const {
        return list([&](const column &c) -> std::string {
            if (c.name == "dbt_scd_id")
                return identity;
            if (c.name == "dbt_updated_at")
                return updated();
            if (c.name == "dbt_valid_from")
                return when;
            if (c.name == "dbt_valid_to")
                return null_of(time_);
            if (c.name == is_deleted)
                return "CAST('False' AS text)";
            return find_column(h_.source_columns, c.name) ? in_its_type(c.name) : null_of(c.type);
        });
    }
    /// A version that says that its row was deleted.
    std::string marker() const {
        return list([&](const column &c) -> std::string {
            if (c.name == "dbt_scd_id")
                return "pg_catalog.md5(coalesce(CAST(t.dbt_scd_id AS varchar), '')" + std::string(plus) + "'|'" + plus +
                       "coalesce(CAST(" + now() + " AS varchar), ''))";
            if (c.name == "dbt_updated_at")
                return now();
            if (c.name == "dbt_valid_from")
                return not_before("t.dbt_valid_from", now());
            if (c.name == "dbt_valid_to")
                return null_of(time_);
            return c.name == is_deleted ? "CAST(" + sql::quote_text(deleted_mark) + " AS text)" : from_table(c);
        });
    }

private:
    std::string version() const { return "JOIN " + h_.target + " t ON t.ctid OPERATOR(pg_catalog.=) p.open"; }
    std::string row() const { return " JOIN " + h_.source + " s ON s.ctid OPERATOR(pg_catalog.=) p.source"; }

    const history &h_;
    const config &config_;
    std::string time_; ///< type of the times
};

} // namespace

bool follows_deletes(const history &h) { return h.model.snapshot.hard_deletes != config::deletes::ignore; }

const column *find_column(const std::vector<column> &list, const std::string &name) {
    auto found = std::find_if(list.begin(), list.end(), [&](const column &c) { return c.name == name; });
    return found == list.end() ? nullptr : &*found;
}

std::vector<column> columns_after(const history &h) {
    std::vector<column> out = h.target_columns;
    auto add = [&](const column &c) {
        if (!find_column(out, c.name))
            out.push_back(c);
    };
    for (const column &c : h.source_columns)
        add(c);
    const std::string time = writer(h).time();
    add({"dbt_scd_id", "text"});
    add({"dbt_updated_at", time});
    add({"dbt_valid_from", time});
    add({"dbt_valid_to", time});
    if (h.model.snapshot.hard_deletes == config::deletes::new_record)
        add({is_deleted, "text"});
    return out;
}

std::vector<std::pair<std::string, std::string>> compared_columns(const history &h) {
    if (h.model.snapshot.strategy == config::strategies::timestamp)
        return {{h.model.snapshot.updated_at, "dbt_updated_at"}};
    std::vector<std::pair<std::string, std::string>> out;
    for (const column &c : h.source_columns)
        if (writer(h).is_checked(c.name))
            out.emplace_back(c.name, c.name);
    return out;
}

std::string first_version(const history &h) {
    const writer w(h);
    return w.begun(w.identity(), w.updated()) + "FROM " + h.source + " s";
}

std::string pairs(const history &h) {
    const writer w(h);
    const std::string open = "t.dbt_valid_to IS NULL";
    std::string out = "SELECT s.ctid AS source, t.ctid AS open FROM " + h.source + " s LEFT JOIN " + h.target +
                      " t ON " + w.same_key("s", "t") + " AND " + open + " WHERE t.ctid IS NULL OR (" + w.changed() +
                      ")";
    if (follows_deletes(h))
        out += "\nUNION ALL\nSELECT NULL, t.ctid FROM " + h.target + " t WHERE " + open + w.unmarked() +
               " AND NOT EXISTS (SELECT FROM " + h.source + " s WHERE " + w.same_key("s", "t") + ")";
    return out;
}

std::string delta(const history &h) {
    const writer w(h);
    const std::string start = w.start_after("t.dbt_valid_from"), deleted = w.not_before("t.dbt_valid_from", w.now());
    // A row that came back begins after it was deleted, and one that changed though its time did not may not take the
    // identity of an older version.
    std::string out = "WITH earlier AS (SELECT " + w.keys("t") +
                      ", pg_catalog.count(*) AS dbt_scd_id, pg_catalog.max(t.dbt_valid_to) AS dbt_valid_to FROM " +
                      h.target + " t JOIN (SELECT " + w.keys("s") + " " + w.of_fresh() + ") f ON " +
                      w.same_key("f", "t") + " GROUP BY " + w.keys("t") + ")\n";
    out += w.ended(start) + w.of_changed();
    out += "\nUNION ALL\n" +
           w.begun("CASE WHEN " + w.updated() + above + "t.dbt_valid_from THEN " + w.identity() + " ELSE " +
                       w.identity("t.dbt_scd_id") + " END",
                   start) +
           w.of_changed();
    out +=
        "\nUNION ALL\n" +
        w.begun("CASE WHEN e.dbt_scd_id IS NULL THEN " + w.identity() + " ELSE " + w.identity("e.dbt_scd_id") + " END",
                "CASE WHEN e.dbt_scd_id IS NULL THEN " + w.updated() + " ELSE " + w.start_after("e.dbt_valid_to") +
                    " END") +
        "FROM (SELECT s.* " + w.of_fresh() + ") s LEFT JOIN earlier e ON " + w.same_key("e", "s");
    if (follows_deletes(h))
        out += "\nUNION ALL\n" + w.ended(deleted) + w.of_deleted();
    if (h.model.snapshot.hard_deletes == config::deletes::new_record)
        out += "\nUNION ALL\n" + w.marker() + w.of_deleted();
    return out;
}

std::string gone(const history &h) { return "SELECT p.open AS place FROM " + h.pairs + " p WHERE p.open IS NOT NULL"; }

std::string open_versions(const history &h) {
    return "SELECT t.* FROM " + h.target + " t WHERE t.dbt_valid_to IS NULL";
}

std::string earlier_versions(const history &h, const std::string &open, const std::string &columns) {
    const writer w(h);
    return "SELECT " + columns + " FROM " + h.target + " t JOIN (SELECT DISTINCT " + w.keys("s") + " FROM " + h.source +
           " s WHERE NOT EXISTS (SELECT FROM " + open + " o WHERE " + w.same_key("s", "o") + ") OFFSET 0) f ON " +
           w.same_key("f", "t") + " WHERE t.dbt_valid_to IS NOT NULL";
}

std::string faults(const history &h, bool source_may_repeat, bool target_may_repeat) {
    const writer w(h);
    const config &c = h.model.snapshot;
    auto example = [&](const char *alias) { // id = 1, region = north
        return text::join(c.unique_key, std::string(plus) + "', '" + plus, [&](const std::string &key) {
            return sql::quote_text(key + " = ") + plus + "coalesce(CAST(" + of(alias, key) + " AS text), 'NULL')";
        });
    };
    std::string no_key;
    for (const std::string &key : c.unique_key)
        text::append(no_key, of("s", key) + " IS NULL", " OR ");
    auto first = [&](const char *fault, const std::string &rows, const std::string &from, const char *alias) {
        return std::string("(SELECT '") + fault + "' AS fault, " + example(alias) + " AS example, " + rows +
               " AS rows " + from + " ORDER BY 2 LIMIT 1)";
    };
    std::string out = first("no key", "pg_catalog.count(*) OVER ()", "FROM " + h.source + " s WHERE " + no_key, "s");
    if (source_may_repeat)
        out += "\nUNION ALL\n" + first("same key", "pg_catalog.count(*)",
                                       "FROM " + h.source + " s WHERE NOT (" + no_key + ") GROUP BY " + w.keys("s") +
                                           " HAVING pg_catalog.count(*)" + above + "1",
                                       "s");
    if (!c.updated_at.empty())
        out += "\nUNION ALL\n" + first("no time", "pg_catalog.count(*) OVER ()",
                                       "FROM " + h.source + " s WHERE " + of("s", c.updated_at) + " IS NULL", "s");
    if (!h.target.empty() && target_may_repeat)
        out += "\nUNION ALL\n" + first("open twice", "pg_catalog.count(*)",
                                       "FROM " + h.target + " t WHERE t.dbt_valid_to IS NULL GROUP BY " + w.keys("t") +
                                           " HAVING pg_catalog.count(*)" + above + "1",
                                       "t");
    return out;
}

} // namespace barometre::snapshot
