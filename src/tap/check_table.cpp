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

} // namespace

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

namespace {

/// Calls `look` with each column of the table that the map hashes.
template <class Look>
void for_hashed(const project::stream &stream, const std::vector<pg::table_column> &table, Look &&look) {
    for (const project::mapping &m : stream.map)
        for (const pg::table_column &c : table)
            if (m.md5 && c.name == m.target)
                look(c, shown(stream) + ": the map hashes column \"" + c.name + "\", ");
}

} // namespace

void check_hashed_types(const project::stream &stream, const std::vector<pg::table_column> &table) {
    for_hashed(stream, table, [&](const pg::table_column &c, const std::string &what) {
        if (c.type != "text" && !c.type.starts_with("character"))
            throw error(sqlstate::contract, what + "which is of type " + c.type + " in its table", "",
                        "ALTER TABLE " + table_of(stream) + " ALTER COLUMN " + pg::quote_identifier(c.name) +
                            " TYPE text;  and run it again.");
    });
}

void check_hashed(const project::stream &stream, const std::vector<pg::table_column> &table,
                  const std::string &hashed) {
    if (hashed_columns(stream) == hashed) // the last load looked
        return;
    for_hashed(stream, table, [&](const pg::table_column &c, const std::string &what) {
        const std::string name = pg::quote_identifier(c.name);
        if (pg::project_sql("SELECT FROM " + table_of(stream) + " WHERE " + name +
                                "::text OPERATOR(pg_catalog.!~) '^[0-9a-f]{32}$'",
                            {}, 1)
                .processed)
            throw error(sqlstate::contract, what + "whose values its table has in clear",
                        "They were loaded before the map hashed them.",
                        "UPDATE " + table_of(stream) + " SET " + name + " = md5(" + name + ") WHERE " + name +
                            " !~ '^[0-9a-f]{32}$';  or, if all its files are still there:  " + load_anew(stream) +
                            "  The next load then forgets the text of rejected records.");
    });
}

} // namespace barometre::tap
