#include "model/publish.h"
#include "pg/locks.h"
#include "pg/named_rows.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

namespace {

/// The list of columns of an INSERT; a table may have none at all.
std::string into(const std::string &target, const std::string &list) { return "INSERT INTO " + target + (list.empty() ? "" : " (" + list + ")") + " SELECT "; }

[[noreturn]] void changed_by_others(const std::string &target) {
    throw error("40001", "another session changed " + target + " while it was being built", "Nothing was published.",
                "Run again; let nothing but baro_transform() write into the tables of models.");
}

/// As above, for the server's own error.
void changing(const std::string &target, const std::function<void()> &f) {
    try {
        f();
    } catch (const error &e) {
        if (e.sqlstate == "40001")
            changed_by_others(target);
        throw;
    }
}

std::vector<std::string> names_of(const std::vector<pg::table_column> &columns) {
    std::vector<std::string> names;
    for (const pg::table_column &c : columns)
        names.push_back(c.name);
    return names;
}

/// The key by which foreign keys refer to a table; empty when none does.
std::vector<std::string> referenced_key(const std::string &target) {
    auto found = pg::sql("SELECT a.attname FROM (SELECT coalesce((SELECT p.conkey FROM pg_catalog.pg_constraint p WHERE p.conrelid = $1::regclass "
                         "AND p.contype = 'p'), min(f.confkey)) AS key FROM pg_catalog.pg_constraint f WHERE f.confrelid = $1::regclass AND f.contype = 'f' "
                         "HAVING count(*) > 0) k, unnest(k.key) AS u(n) JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::regclass AND a.attnum = u.n",
                         {target});
    std::vector<std::string> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.push_back(found.text(i, 0));
    return out;
}

/// The rows of a table whose places are listed.
std::string rows_at(const std::string &table, const std::string &alias, const std::string &ids) {
    return table + " AS " + alias + " JOIN " + ids + " ON " + alias + ".ctid = " + ids + ".id";
}

void update_by_key(const std::string &target, const std::string &source, const std::vector<std::string> &columns,
                   const std::vector<std::string> &key, std::size_t gone, std::size_t missing) {
    std::string on, set;
    for (const std::string &k : key)
        on += (on.empty() ? "t." : " AND t.") + pg::quote_identifier(k) + " = b." + pg::quote_identifier(k);
    for (const std::string &c : columns)
        if (std::find(key.begin(), key.end(), c) == key.end())
            set += (set.empty() ? "" : ", ") + pg::quote_identifier(c) + " = b." + pg::quote_identifier(c);
    std::uint64_t updated = 0;
    if (!set.empty())
        updated = pg::sql("UPDATE " + target + " AS t SET " + set + " FROM _baro_gone, " + rows_at(source, "b", "_baro_missing") +
                          " WHERE t.ctid = _baro_gone.id AND " + on)
                      .processed;
    // What was updated has another place now.
    const std::uint64_t deleted = pg::sql("DELETE FROM " + target + " AS t USING _baro_gone WHERE t.ctid = _baro_gone.id").processed;
    const std::uint64_t inserted =
        pg::sql(into(target, pg::column_list(columns)) + pg::column_list(columns, "b.") + " FROM " +
                rows_at(source, "b", "_baro_missing") + " WHERE NOT EXISTS (SELECT FROM " + target + " AS t WHERE " + on + ")")
            .processed;
    if (updated + deleted != gone)
        changed_by_others(target);
    if (updated + inserted != missing)
        throw error("23505", "the new rows of " + target + " have a key more than once", "Foreign keys refer to (" + pg::column_list(key) + ").",
                    "Correct the model, or add a test \"unique\" to see the values.");
}

} // namespace

void apply_difference(const std::string &schema, const std::string &name, const std::string &built, const pg::row_difference &difference) {
    const std::string target = pg::qualified(schema, name), source = pg::qualified(schema, built);
    const std::vector<std::string> columns = names_of(pg::columns_of(schema, built));
    if (difference.gone.empty() && difference.missing.empty())
        return;
    changing(target, [&] {
        const pg::named_rows gone("_baro_gone", difference.gone), missing("_baro_missing", difference.missing);
        const std::vector<std::string> key = difference.gone.empty() ? std::vector<std::string>() : referenced_key(target);
        if (!key.empty()) {
            update_by_key(target, source, columns, key, difference.gone.size(), difference.missing.size());
            return;
        }
        // First the deletes: a row that replaces another may have its unique key.
        const bool all_gone = difference.kept == 0;
        if (!difference.gone.empty() &&
            pg::sql(all_gone ? "DELETE FROM " + target : "DELETE FROM " + target + " AS t USING _baro_gone WHERE t.ctid = _baro_gone.id").processed !=
                difference.gone.size())
            changed_by_others(target);
        if (!difference.missing.empty())
            pg::sql(into(target, pg::column_list(columns)) + pg::column_list(columns, "b.") + " FROM " +
                    (all_gone ? source + " AS b" : rows_at(source, "b", "_baro_missing")));
    });
}

void replace_with_columns(const std::string &schema, const std::string &name, const std::string &built, const column_change &change) {
    const std::string target = pg::qualified(schema, name), source = pg::qualified(schema, built);
    const std::string list = pg::column_list(names_of(pg::columns_of(schema, built)));
    std::string actions;
    auto act = [&](const std::string &action) { actions += (actions.empty() ? "" : ", ") + action; };
    for (const std::string &c : change.removed)
        act("DROP COLUMN " + pg::quote_identifier(c));
    for (const pg::table_column &c : change.retyped) // all rows are new anyway
        act("ALTER COLUMN " + pg::quote_identifier(c.name) + " TYPE " + c.type + " USING NULL::" + c.type);
    for (const pg::table_column &c : change.added)
        act("ADD COLUMN " + pg::quote_identifier(c.name) + " " + c.type);
    changing(target, [&] {
        pg::sql("DELETE FROM " + target);
        try {
            pg::script("ALTER TABLE " + target + " " + actions);
        } catch (error &e) {
            if (e.sqlstate == "2BP01") // dependent objects still exist
                e.hint = "The columns of " + target + " change: " + change.text() + ". Drop the objects that DETAIL names, run again, and create them anew.";
            throw;
        }
        pg::sql(into(target, list) + list + " FROM " + source);
    });
}

std::int64_t publish_new(const std::string &schema, const std::string &name, const std::string &built) {
    const std::string target = pg::qualified(schema, name);
    std::string list;
    for (const pg::table_column &c : pg::columns_of(schema, built))
        list += (list.empty() ? "" : ", ") + pg::quote_identifier(c.name) + " " + c.type;
    pg::script("CREATE TABLE " + target + " (" + list + ")");
    return static_cast<std::int64_t>(pg::sql("INSERT INTO " + target + " SELECT * FROM " + pg::qualified(schema, built)).processed);
}

void publish_view(const project::project &p, const project::model &m, views_aside &aside) {
    if (aside.took(m.name))
        return; // made anew at the end
    const bool is_there = pg::relation_kind(m.schema, m.name) == 'v';
    const std::string statement = "CREATE OR REPLACE VIEW " + pg::qualified(m.schema, m.name) + " AS\n" + compile(p, m.source, m.file) + "\n";
    try {
        pg::in_subtransaction([&] { pg::sql(statement); });
    } catch (const error &e) {
        if (!is_there || e.sqlstate != "42P16") // columns were renamed, retyped or removed
            rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1);
        aside.take_view(m.name);
    }
}

void lock_exclusively(const std::vector<Oid> &tables) {
    stopwatch waited;
    const std::int64_t timeout = pg::sql("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'").number(0, 0);
    const double patience = timeout > 0 ? static_cast<double>(timeout) / 1000 : 60;
    std::vector<Oid> sorted = tables;
    std::sort(sorted.begin(), sorted.end());
    for (;;) {
        Oid taken = InvalidOid; // by another session
        try {
            pg::in_subtransaction([&] {
                for (Oid table : sorted)
                    if (!pg::try_exclusive_lock(table)) {
                        taken = table;
                        throw error(sqlstate::busy, "");
                    }
            });
            return;
        } catch (const error &e) {
            if (e.sqlstate != sqlstate::busy)
                throw;
        }
        if (waited.seconds() > patience)
            throw error(sqlstate::busy, pg::name_of(taken) + " is in use all the time, and its columns have to change",
                        "Other sessions read or lock it.", "Run again when they are done; SET lock_timeout makes this call wait longer.");
        pg::sleep_ms(20);
    }
}

void drop_relation(const std::string &schema, const std::string &name, char kind) {
    const std::string what = kind == 'v' ? "VIEW" : kind == 'm' ? "MATERIALIZED VIEW" : "TABLE";
    try {
        pg::script("DROP " + what + " " + pg::qualified(schema, name));
    } catch (error &e) {
        if (e.sqlstate == "2BP01")
            e.hint = pg::qualified(schema, name) + " must be made anew. Drop the objects that DETAIL names, run again, and create them anew.";
        throw;
    }
}

void describe_table(const std::string &schema, const std::string &name, char kind, const std::string &description,
                    const std::vector<project::column> &columns) {
    const std::string target = pg::qualified(schema, name);
    if (!description.empty())
        pg::script(std::string("COMMENT ON ") + (kind == 'v' ? "VIEW " : "TABLE ") + target + " IS " + pg::quote_literal(description));
    const auto have = pg::columns_of(schema, name);
    for (const project::column &c : columns) {
        if (std::none_of(have.begin(), have.end(), [&](const auto &h) { return h.name == c.name; })) {
            pg::warning(c.at.text() + ": \"" + name + "\" has no column \"" + c.name + "\"",
                        "Correct the name in the file, or remove the entry.");
            continue;
        }
        if (!c.description.empty())
            pg::script("COMMENT ON COLUMN " + target + "." + pg::quote_identifier(c.name) + " IS " + pg::quote_literal(c.description));
    }
}

} // namespace barometre::model
