#include "tap/table.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/distribution.h"
#include "pg/messages.h"
#include "pg/own_heap.h"
#include "pg/transaction.h"
#include "tap/columns.h"

#include <map>

namespace barometre::tap {

namespace {

/// The nodes of a cluster find rows by the values of a column, which keeps its type therefore.
void refuse_spread(const project::stream &stream, const std::string &column, const std::string &from,
                   const std::string &to) {
    const std::string table = table_of(stream), name = pg::quote_literal(table);
    if (pg::distribution_of(pg::oid_of(table)).column != column)
        return;
    throw error(sqlstate::contract,
                shown(stream) + ": column \"" + column + "\" can't become " + to + ", because " + table +
                    " is distributed by it",
                "It is " + from + ".",
                "Declare it as " + from +
                    " in the stream, so that other values are rejected; or  SELECT undistribute_table(" + name +
                    "); ALTER TABLE " + table + " ALTER COLUMN " + pg::quote_identifier(column) + " TYPE " + to +
                    "; SELECT create_distributed_table(" + name + ", " + pg::quote_literal(column) + ");");
}

} // namespace

void widen_columns(const project::stream &stream, std::vector<pg::table_column> &table) {
    for (const project::column &declared : stream.columns) {
        if (declared.type.empty())
            continue;
        const std::string wanted = pg::canonical_type(declared.type, declared.at.text());
        for (pg::table_column &c : table) {
            if (c.name != declared.name || c.type == wanted)
                continue;
            const bool lossless = wanted == "text" ||
                                  (wanted == "numeric" && (c.type == "bigint" || c.type == "integer")) ||
                                  (wanted == "bigint" && c.type == "integer");
            const std::string alter = "ALTER TABLE " + pg::qualified(stream.tap, stream.name) + " ALTER COLUMN " +
                                      pg::quote_identifier(c.name) + " TYPE " + wanted + " USING " +
                                      pg::quote_identifier(c.name) + "::" + wanted;
            if (!lossless)
                throw error(sqlstate::contract,
                            shown(stream) + ": column \"" + c.name + "\" is of type " + c.type + ", but " +
                                declared.at.text() + " declares " + wanted,
                            "", "Change the declaration, or the table: " + alter + ";");
            refuse_spread(stream, c.name, c.type, wanted);
            pg::claim_relation(stream.tap, stream.name, pg::claim_lock::writes);
            pg::project_script(alter);
            pg::notice(shown(stream) + ": column \"" + c.name + "\" was " + c.type + " and is now " + wanted);
            c.type = wanted;
        }
    }
}

std::string create_table(const project::stream &stream, const std::vector<load::planned_column> &columns) {
    const std::string table = table_of(stream);
    std::string list;
    for (const load::planned_column &c : columns)
        list += pg::quote_identifier(c.name) + " " + c.type + (c.required ? " NOT NULL, " : ", ");
    const std::string sql = "CREATE TABLE " + table + " (" + list + "_baro_file integer, _baro_line bigint) USING heap";
    pg::project_script(sql);
    return sql;
}

alteration alteration_of(const project::stream &stream, const std::vector<pg::table_column> &table,
                         const std::vector<load::planned_column> &columns, const std::vector<std::string> &settled) {
    alteration out;
    std::string actions;
    auto act = [&](const std::string &action, const std::string &change) {
        text::append(actions, action);
        out.changes.push_back(change);
    };
    std::map<std::string, std::string> types;
    for (const pg::table_column &c : table)
        types.emplace(c.name, c.type);
    for (const load::planned_column &c : columns) {
        const auto had = types.find(c.name);
        if (had == types.end()) {
            act("ADD COLUMN " + pg::quote_identifier(c.name) + " " + c.type,
                "column \"" + c.name + "\" is new, of type " + c.type);
        } else if (had->second != c.type && !text::contains(settled, c.name)) {
            refuse_spread(stream, c.name, had->second, c.type);
            act("ALTER COLUMN " + pg::quote_identifier(c.name) + " TYPE " + c.type,
                "column \"" + c.name + "\" was " + had->second + " and is now " + c.type);
        }
    }
    if (!actions.empty())
        out.sql = "ALTER TABLE " + table_of(stream) + " " + actions;
    return out;
}

void alter_table(const project::stream &stream, const alteration &wanted) {
    if (wanted.sql.empty())
        return;
    try {
        pg::project_script(wanted.sql);
    } catch (const error &e) {
        if (e.sqlstate != "0A000")
            throw;
        throw error(sqlstate::contract,
                    shown(stream) + ": " + wanted.changes.back() + ", but another object depends on the column",
                    "The server says: " + (e.detail.empty() ? e.message : e.detail) + ".",
                    "Drop that object, run again, and make it anew; or put  contract: {types: freeze}  into the "
                    "stream in barometre.yml, so that such values are rejected.");
    }
}

std::int64_t count_rows(const project::stream &stream) {
    if (const pg::oid table = pg::oid_of(table_of(stream)); pg::sees_all_rows(table))
        return pg::count_rows(table);
    return pg::project_sql("SELECT pg_catalog.count(*) FROM " + table_of(stream)).number(0, 0);
}

// Rows lie in the order of their files, so that a tiny index finds those of one file.
std::string index_files(const project::stream &stream) {
    const std::string sql =
        "CREATE INDEX ON " + table_of(stream) + " USING brin (_baro_file) WITH (autosummarize = on)";
    pg::project_script(sql);
    return sql;
}

namespace {

std::string key_statement(const project::stream &stream) {
    return "ALTER TABLE " + table_of(stream) + " ADD PRIMARY KEY (" + pg::column_list(stream.key_properties) + ")";
}

} // namespace

std::string begin_key(const project::stream &stream, const std::vector<load::planned_column> &columns) {
    for (const load::planned_column &c : columns)
        if (stream.key_properties == std::vector{c.name} && (c.type == "bigint" || c.type == "integer")) {
            pg::project_script(key_statement(stream));
            return key_statement(stream);
        }
    return "";
}

void drop_key(const project::stream &stream) {
    const std::string name = pg::sql("SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = $1::regclass AND "
                                     "contype = 'p'",
                                     {table_of(stream)})
                                 .text(0, 0);
    pg::project_script("ALTER TABLE " + table_of(stream) + " DROP CONSTRAINT " + pg::quote_identifier(name));
}

added_key add_key(const project::stream &stream, std::int64_t run, const load::refuse_row &refuse) {
    const std::string table = table_of(stream);
    added_key out{key_statement(stream)};
    for (;;) {
        try {
            pg::in_subtransaction([&] { pg::project_script(out.sql); });
            return out;
        } catch (const error &e) {
            if (e.sqlstate == "23505" && out.superseded == 0)
                // A key more than once: the last record is the one that counts, and lies last.
                out.superseded = load::delete_superseded(table, stream.key_properties, "ctid");
            else if (e.sqlstate != "54000" || out.refused > 0)
                throw;
            else if (out.refused =
                         load::take_out_refused(table, stream.key_properties,
                                                pg::qualified(stream.tap, "_baro_key_" + std::to_string(run)), refuse);
                     out.refused == 0)
                throw;
        }
    }
}

} // namespace barometre::tap
