#include "model/publish.h"
#include "model/state.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

void alter_columns(const std::string &schema, const std::string &name, const column_change &change) {
    const std::string target = pg::qualified(schema, name);
    auto alter = [&](const std::string &action) {
        try {
            pg::in_subtransaction([&] { pg::script("ALTER TABLE " + target + " " + action); });
        } catch (error &e) {
            if (e.sqlstate == "2BP01") // dependent objects still exist
                e.hint = "The columns of " + target + " change: " + change.text() + ". Drop the objects that DETAIL names, run again, and create them anew.";
            throw;
        }
    };
    for (const std::string &c : change.removed)
        alter("DROP COLUMN " + pg::quote_identifier(c));
    for (const pg::table_column &c : change.retyped) {
        // The values are the model's in the end; those that the server can convert may turn out to be the same.
        const std::string column = pg::quote_identifier(c.name), action = "ALTER COLUMN " + column + " TYPE " + c.type;
        try {
            alter(action);
        } catch (const error &e) {
            if (e.sqlstate != "42804" && !e.sqlstate.starts_with("22")) // no cast, or not for these values
                throw;
            alter(action + " USING NULL::" + c.type);
        }
    }
    for (const pg::table_column &c : change.added)
        alter("ADD COLUMN " + pg::quote_identifier(c.name) + " " + c.type);
}

std::int64_t publish_new(const std::string &schema, const std::string &name, const std::string &built) {
    const std::string target = pg::qualified(schema, name);
    std::string list;
    for (const pg::table_column &c : pg::collated_columns_of(schema, built))
        list += (list.empty() ? "" : ", ") + pg::quote_identifier(c.name) + " " + c.type;
    pg::script("CREATE TABLE " + target + " (" + list + ")");
    return static_cast<std::int64_t>(pg::sql("INSERT INTO " + target + " SELECT * FROM " + pg::qualified(schema, built)).processed);
}

void make_view(const project::project &p, const project::model &m, char kind) {
    const registry::compiled text = registry::compile_lines(p, m.source, m.file);
    const std::string statement = (kind == 'm' ? "CREATE MATERIALIZED VIEW " : "CREATE VIEW ") + pg::qualified(m.schema, m.relation()) + " AS\n" + text.sql + "\n";
    try {
        pg::sql(statement);
    } catch (const error &e) {
        registry::rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1, text.lines);
    }
}

void refresh_view(const std::string &schema, const std::string &name) {
    const std::string view = pg::qualified(schema, name);
    // It needs a temporary table, which who works for somebody else can't make.
    const bool concurrently = !pg::is_restricted() &&
                              pg::sql("SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid WHERE c.oid = $1::regclass AND c.relispopulated "
                                      "AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL",
                                      {view}).processed > 0;
    if (!concurrently)
        lock_exclusively({pg::oid_of(view)});
    pg::script(std::string("REFRESH MATERIALIZED VIEW ") + (concurrently ? "CONCURRENTLY " : "") + view);
}

void publish_view(const project::project &p, const project::model &m, views_aside &aside) {
    const bool is_there = pg::relation_kind(m.schema, m.relation()) == 'v';
    const registry::compiled text = registry::compile_lines(p, m.source, m.file);
    const std::string statement = "CREATE OR REPLACE VIEW " + pg::qualified(m.schema, m.relation()) + " AS\n" + text.sql + "\n";
    try {
        const std::string options = is_there ? options_of(pg::qualified(m.schema, m.relation())) : "";
        pg::in_subtransaction([&] { pg::sql(statement); });
        if (!options.empty())
            pg::script(options);
    } catch (const error &e) {
        if (!is_there || e.sqlstate != "42P16") // columns were renamed, retyped or removed
            registry::rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1, text.lines);
        aside.take_view(m.name);
    }
}

void lock_exclusively(const std::vector<pg::oid> &tables) {
    run::stopwatch waited;
    const std::int64_t timeout = pg::sql("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'").number(0, 0);
    const double patience = timeout > 0 ? static_cast<double>(timeout) / 1000 : 60;
    std::vector<pg::oid> sorted = tables;
    std::sort(sorted.begin(), sorted.end());
    for (;;) {
        pg::oid taken = pg::no_oid; // by another session
        try {
            pg::in_subtransaction([&] {
                for (pg::oid table : sorted)
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
    try {
        pg::script(std::string("DROP ") + pg::sql_kind(kind) + " " + pg::qualified(schema, name));
    } catch (error &e) {
        if (e.sqlstate == "2BP01")
            e.hint = pg::qualified(schema, name) + " must be made anew. Drop the objects that DETAIL names, run again, and create them anew.";
        throw;
    }
}

} // namespace barometre::model
