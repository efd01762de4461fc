#include "tap/adopt.h"
#include "core/text/text.h"
#include "load/same_rows.h"
#include "load/withheld.h"
#include "pg/claim.h"
#include "pg/own_heap.h"
#include "pg/relations.h"
#include "pg/row_packer.h"
#include "pg/spi.h"
#include "tap/stream.h"
#include "tap/stream_columns.h"

#include <algorithm>

namespace barometre::tap {

namespace {

const pg::table_column *find(const std::vector<pg::table_column> &table, const std::string &name) {
    const auto at = std::find_if(table.begin(), table.end(), [&](const auto &c) { return c.name == name; });
    return at == table.end() ? nullptr : &*at;
}

} // namespace

bool has_table(const project::stream &stream) {
    const char kind = pg::relation_kind(stream.tap, stream.name);
    if (kind == 0 || kind == 'r' || kind == 'p')
        return kind != 0;
    const std::string word = pg::kind_name(kind);
    throw error(sqlstate::contract,
                shown(stream) + ": " + table_of(stream) + " is a" + (word == "index" ? "n " : " ") + word +
                    ", and rows are loaded into tables",
                "",
                std::string("ALTER ") + pg::sql_kind(kind) + " " + table_of(stream) + " RENAME TO " +
                    pg::quote_identifier(stream.name + "_old") + ";  or give the stream another name.");
}

bool is_of_others(const project::stream &stream, const std::vector<pg::table_column> &table, const ledger &known) {
    if (!find(table, "_baro_file"))
        return true;
    return known.files.empty() && !known.has_bookmark && read_stream_columns(stream).empty();
}

std::string adopt_table(const project::stream &stream, const std::vector<pg::table_column> &table) {
    std::string actions;
    for (const auto &[name, type] : {std::pair("_baro_file", "integer"), std::pair("_baro_line", "bigint")}) {
        const pg::table_column *there = find(table, name);
        if (!there)
            text::append(actions, std::string("ADD COLUMN ") + name + " " + type);
        else if (there->type != "integer" && there->type != "bigint")
            throw error(sqlstate::contract,
                        shown(stream) + ": column \"" + name + "\" of its table is of type " + there->type +
                            ", and is where barometre keeps from where a row is",
                        "", "ALTER TABLE " + table_of(stream) + " RENAME COLUMN " + name + " TO another name;");
    }
    if (actions.empty())
        return "";
    pg::claim_relation(stream.tap, stream.name, pg::claim_lock::writes);
    try {
        pg::project_script("ALTER TABLE " + table_of(stream) + " " + actions);
    } catch (error &e) {
        if (e.sqlstate == "42501" && e.hint.empty())
            e.hint = "As its owner: ALTER TABLE " + table_of(stream) + " " + actions + ";";
        throw;
    }
    return "the table was made by another program, and gets the lineage columns";
}

namespace {

/// Gives rows of the table the lineage of records that have the same content, where rows have no place that SQL could
/// name: they are put in anew. `pairs`: FROM, records as s, and o with the rows of the table in "held".
void put_in_anew(const std::string &table, const std::string &staging, const std::string &pairs) {
    const std::string matched = staging + "_matched", gone = staging + "_gone";
    const std::vector<std::string> columns = load::columns_for_rows(table, false);
    pg::project_script("CREATE UNLOGGED TABLE " + matched +
                       " USING heap AS SELECT (o.held).*, s.file AS _baro_new_file, s.line AS _baro_new_line" + pairs +
                       "; CREATE UNLOGGED TABLE " + gone + " USING heap AS SELECT " +
                       pg::column_list(load::columns_for_rows(table, true)) + " FROM " + matched);
    load::delete_same(table, table, gone, staging + "_same");
    const load::withholders withheld(table, load::writes::insert);
    const std::int64_t promised = pg::sql("SELECT count(*) FROM " + matched).number(0, 0);
    const auto done = static_cast<std::int64_t>(
        pg::project_sql("INSERT INTO " + table + " (" + pg::column_list(columns) + ") OVERRIDING SYSTEM VALUE SELECT " +
                        text::join(columns, ", ",
                                   [](const std::string &name) {
                                       return name == "_baro_file"   ? "_baro_new_file"
                                              : name == "_baro_line" ? "_baro_new_line"
                                                                     : pg::quote_identifier(name);
                                   }) +
                        " FROM " + matched)
            .processed);
    if (done < promised)
        withheld.refuse(promised - done, promised);
    pg::project_script("DROP TABLE " + matched + ", " + gone);
}

} // namespace

void recognise_rows(const project::stream &stream, const purpose &why, const staged &read) {
    std::vector<std::string> columns; // what no file has is none of their content
    for (std::size_t i = 0; i < read.columns.size(); ++i)
        if (std::any_of(read.files.begin(), read.files.end(), [&](const load::input_file &f) {
                return i < f.sources.size() && f.sources[i] != pg::no_field;
            }))
            columns.push_back(read.columns[i].name);
    const std::string table = table_of(stream), content = "ROW(" + pg::column_list(columns, "x.") + ")::text",
                      ours = "x._baro_file IS NULL OR x._baro_file OPERATOR(pg_catalog.=) 0";
    const auto count = [&](const std::string &condition) {
        return pg::project_sql("SELECT pg_catalog.count(*) FROM " + table + " AS x WHERE " + condition).number(0, 0);
    };
    const bool in_heap = pg::rows_elsewhere(pg::oid_of(table)).empty();
    const load::withholders withheld(table, load::writes::update);
    const std::string recognised =
        " FROM (SELECT x._baro_file AS file, x._baro_line AS line, " + content +
        " AS content, pg_catalog.row_number() OVER (PARTITION BY " + content +
        " ORDER BY x._baro_file, x._baro_line) AS n FROM " + read.table + " AS x) AS s JOIN (SELECT " +
        (in_heap ? "x.tableoid AS part, x.ctid AS place, " : "x AS held, ") + content +
        " AS content, pg_catalog.row_number() OVER (PARTITION BY " + content + ") AS n FROM " + table + " AS x WHERE " +
        ours + ") AS o ON s.content OPERATOR(pg_catalog.=) o.content AND s.n OPERATOR(pg_catalog.=) o.n";
    std::int64_t unknown = 0, promised = 0;
    if (in_heap && withheld.any()) {
        unknown = count(ours);
        promised = pg::project_sql("SELECT pg_catalog.count(*)" + recognised).number(0, 0);
    }
    if (!in_heap)
        put_in_anew(table, read.table, recognised);
    else
        pg::project_sql("UPDATE " + table + " AS target SET _baro_file = s.file, _baro_line = s.line" + recognised +
                        " WHERE target.ctid OPERATOR(pg_catalog.=) o.place AND target.tableoid OPERATOR(pg_catalog.=) "
                        "o.part");
    if (in_heap && withheld.any())
        if (const std::int64_t left = count(ours) - unknown + promised; left > 0)
            withheld.refuse(left, promised);
    const std::int64_t others = count("x._baro_file IS NULL");
    if (others == 0 || why.full_refresh)
        return;
    throw error(sqlstate::contract,
                shown(stream) + ": of the rows that another program put into its table, " + std::to_string(others) +
                    " are in none of the files",
                "Without a key it can't be told whether they are older versions of what the files hold.",
                "To keep them: ALTER TABLE " + table +
                    " ADD COLUMN _baro_file integer DEFAULT 0, ADD COLUMN _baro_line bigint;  to have what the files "
                    "hold and nothing else: DELETE FROM " +
                    table + ";  or name a key in key_properties.");
}

} // namespace barometre::tap
