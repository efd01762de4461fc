#include "model/publish.h"
#include "load/replace.h"
#include "pg/relations.h"

#include <algorithm>

namespace barometre::model {

namespace {

std::string depends_hint(const std::string &relation) {
    return "The columns of " + relation + " changed. Drop the objects that DETAIL names, run again, and create them anew.";
}

} // namespace

void drop_relation(const std::string &schema, const std::string &name, char kind) {
    const std::string what = kind == 'v' ? "VIEW" : kind == 'm' ? "MATERIALIZED VIEW" : "TABLE";
    try {
        pg::script("DROP " + what + " " + pg::qualified(schema, name));
    } catch (error &e) {
        if (e.sqlstate == "2BP01") // dependent objects still exist
            e.hint = depends_hint(pg::qualified(schema, name));
        throw;
    }
}

namespace {

/// Gives a table the columns `wanted` by ALTER TABLE, if dropping some and adding
/// others at the end does it; false if not, and nothing is changed then.
bool alter_columns(const std::string &target, const std::vector<pg::table_column> &have, const std::vector<pg::table_column> &wanted) {
    std::vector<pg::table_column> kept;
    std::string actions;
    for (const pg::table_column &c : have) {
        if (std::find(wanted.begin(), wanted.end(), c) != wanted.end())
            kept.push_back(c);
        else
            actions += (actions.empty() ? "DROP COLUMN " : ", DROP COLUMN ") + pg::quote_identifier(c.name);
    }
    if (kept.empty() || kept.size() > wanted.size() || !std::equal(kept.begin(), kept.end(), wanted.begin()))
        return false;
    for (std::size_t i = kept.size(); i < wanted.size(); ++i)
        actions += (actions.empty() ? "ADD COLUMN " : ", ADD COLUMN ") + pg::quote_identifier(wanted[i].name) + " " + wanted[i].type;
    try {
        pg::script("ALTER TABLE " + target + " " + actions);
    } catch (error &e) {
        if (e.sqlstate == "2BP01")
            e.hint = depends_hint(target);
        throw;
    }
    return true;
}

} // namespace

void publish_table(const std::string &schema, const std::string &name, const std::string &built, step &done) {
    const std::string target = pg::qualified(schema, name), source = pg::qualified(schema, built);
    const auto columns = pg::columns_of(schema, built);
    const char kind = pg::relation_kind(schema, name);
    if (kind == 'r' && (pg::columns_of(schema, name) == columns || alter_columns(target, pg::columns_of(schema, name), columns))) {
        std::vector<std::string> names;
        for (const pg::table_column &c : columns)
            names.push_back(c.name);
        load::row_counts counts = load::replace_rows(target, source, names);
        done.inserted = counts.inserted;
        done.deleted = counts.deleted;
        done.unchanged = counts.unchanged;
        done.records = counts.inserted + counts.unchanged;
        pg::script("DROP TABLE " + source);
        return;
    }
    if (kind != 0)
        drop_relation(schema, name, kind);
    // Made where it will live, so that default privileges apply to it.
    std::string list;
    for (const pg::table_column &c : columns)
        list += (list.empty() ? "" : ", ") + pg::quote_identifier(c.name) + " " + c.type;
    pg::script("CREATE TABLE " + target + " (" + list + ")");
    done.inserted = done.records = static_cast<std::int64_t>(pg::sql("INSERT INTO " + target + " SELECT * FROM " + source).processed);
    pg::script("DROP TABLE " + source);
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
