#include "model/publish.h"
#include "load/replace.h"
#include "pg/relations.h"

#include <algorithm>

namespace barometre::model {

void drop_relation(const std::string &schema, const std::string &name, char kind) {
    const std::string what = kind == 'v' ? "VIEW" : kind == 'm' ? "MATERIALIZED VIEW" : "TABLE";
    try {
        pg::script("DROP " + what + " " + pg::qualified(schema, name));
    } catch (error &e) {
        if (e.sqlstate == "2BP01") // dependent objects still exist
            e.hint = "The columns of \"" + name + "\" changed. Drop the objects that DETAIL names, run again, and create them anew.";
        throw;
    }
}

void publish_table(const std::string &schema, const std::string &name, const std::string &built, step &done) {
    const std::string target = pg::qualified(schema, name), source = pg::qualified(schema, built);
    const auto columns = pg::columns_of(schema, built);
    const char kind = pg::relation_kind(schema, name);
    if (kind == 'r' && pg::columns_of(schema, name) == columns) {
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
