#include "tap/check_table.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

std::string load_anew(const project::stream &stream) {
    return "SELECT * FROM baro_run(" + pg::quote_literal(stream.tap) + ", " +
           pg::quote_literal(*pg::array_literal({stream.name})) + ", full_refresh => true);";
}

void check_key(const project::stream &stream) {
    // What ON CONFLICT takes: each unique index of just these columns, in any order.
    auto keys = pg::sql("SELECT (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname::text COLLATE \"C\") "
                        "FROM pg_catalog.pg_attribute a "
                        "WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) = "
                        "(SELECT pg_catalog.array_agg(k ORDER BY k COLLATE \"C\") FROM pg_catalog.unnest($2::text[]) "
                        "AS k) AS is_wanted, c.conname, i.indisprimary "
                        "FROM pg_catalog.pg_index i LEFT JOIN pg_catalog.pg_constraint c ON c.conindid = i.indexrelid "
                        "AND c.contype = 'p' "
                        "WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indimmediate AND "
                        "i.indpred IS NULL AND i.indexprs IS NULL",
                        {table_of(stream), pg::array_literal(stream.key_properties)});
    std::string drop; // of the primary key
    for (std::size_t i = 0; i < keys.rows.size(); ++i) {
        if (keys.yes(i, "is_wanted"))
            return;
        if (keys.yes(i, "indisprimary"))
            drop = "DROP CONSTRAINT " + pg::quote_identifier(keys.text(i, "conname"));
    }
    const std::string alter = "ALTER TABLE " + table_of(stream) + " ";
    if (!stream.key_properties.empty()) {
        const std::string list = pg::column_list(stream.key_properties);
        throw error(sqlstate::contract,
                    shown(stream) + ": its table has no primary key (" + list + "), which key_properties name",
                    "A load makes the key only with the table.",
                    alter + (drop.empty() ? "" : drop + ", ") + "ADD PRIMARY KEY (" + list +
                        ");  or, when rows have that key twice: DROP TABLE " + table_of(stream) + ";  and " +
                        load_anew(stream));
    }
    if (!drop.empty())
        pg::warning(shown(stream) + ": its table has a primary key, but the stream has no key_properties",
                    alter + drop + ";  or name its columns in key_properties.",
                    "Records whose key is there already are refused by the table.");
}

void check_hashed(const project::stream &stream, const std::vector<pg::table_column> &table, bool full_refresh) {
    for (const project::mapping &m : stream.map) {
        const auto column =
            std::find_if(table.begin(), table.end(), [&](const auto &c) { return m.md5 && c.name == m.target; });
        if (column == table.end())
            continue;
        const std::string what = shown(stream) + ": the map hashes column \"" + m.target + "\", ",
                          name = pg::quote_identifier(m.target);
        if (column->type != "text" && !column->type.starts_with("character"))
            throw error(sqlstate::contract, what + "which is of type " + column->type + " in its table", "",
                        "ALTER TABLE " + table_of(stream) + " ALTER COLUMN " + name + " TYPE text;  then " +
                            load_anew(stream));
        if (!full_refresh && pg::project_sql("SELECT FROM " + table_of(stream) + " WHERE " + name +
                                                 "::text OPERATOR(pg_catalog.!~) '^[0-9a-f]{32}$'",
                                             {}, 1)
                                 .processed)
            throw error(sqlstate::contract, what + "whose values its table has in clear",
                        "They were loaded before the map hashed them.",
                        load_anew(stream) + "  It reads all files again, and forgets the text of rejected records.");
    }
}

} // namespace

void check_table(const project::stream &stream, const std::vector<pg::table_column> &table, const std::string &hashed,
                 bool full_refresh) {
    check_key(stream);
    if (hashed_columns(stream) != hashed) // the last load did not look
        check_hashed(stream, table, full_refresh);
}

} // namespace barometre::tap
