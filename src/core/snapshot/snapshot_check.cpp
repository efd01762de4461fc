#include "core/error.h"
#include "core/name/nearest.h"
#include "core/snapshot/snapshot_sql.h"
#include "core/text/text.h"

#include <algorithm>
#include <charconv>

namespace barometre::snapshot {

namespace {

const std::vector<std::string> times = {"dbt_updated_at", "dbt_valid_from", "dbt_valid_to"};

bool is_own(const std::string &name) {
    return name == "dbt_scd_id" || name == "dbt_is_deleted" ||
           std::find(times.begin(), times.end(), name) != times.end();
}

bool is_time(const std::string &type) {
    return type == "date" || (type.starts_with("timestamp") && !type.ends_with("]"));
}

/// The length of a varchar; unbounded when it has none.
int length_of(const std::string &type) {
    const std::size_t bracket = type.find('(');
    int length = 0;
    if (bracket != std::string::npos)
        std::from_chars(type.data() + bracket + 1, type.data() + type.size(), length);
    return length > 0 ? length : INT32_MAX;
}

/// Whether each value of `from` can be one of `to`, so that history is the same in the type that it has.
bool fits(const std::string &from, const std::string &to) {
    if (from == to)
        return true;
    const std::string varying = "character varying";
    const bool is_varying = from.starts_with(varying) && !from.ends_with("]");
    if (is_varying && (to == "text" || (to.starts_with(varying) && !to.ends_with("]"))))
        return to == "text" || length_of(from) <= length_of(to);
    if (from.starts_with("numeric(") && !from.ends_with("]"))
        return to == "numeric";
    const std::vector<std::string> integers = {"smallint", "integer", "bigint", "numeric"};
    const auto narrow = std::find(integers.begin(), integers.end(), from),
               wide = std::find(integers.begin(), integers.end(), to);
    return (narrow != integers.end() && wide != integers.end() && narrow < wide) ||
           (from == "real" && to == "double precision");
}

std::string listed(const std::vector<column> &columns) {
    return text::join(columns, ", ", [&](const column &c) { return c.name; });
}

[[noreturn]] void fail(const std::string &message, const std::string &detail, const std::string &hint) {
    throw error(sqlstate::contract, message, detail, hint);
}

/// The columns that the configuration names.
void check_configured(const history &h) {
    const project::model &m = h.model;
    auto check = [&](const std::string &key, const std::string &name) {
        if (find_column(h.source_columns, name))
            return;
        std::vector<std::string> known;
        for (const column &c : h.source_columns)
            known.push_back(c.name);
        const std::string near = name::nearest(name, known);
        fail(m.at(key).text() + ": column \"" + name + "\" in the key \"" + key + "\" of snapshot \"" + m.name +
                 "\" is none of its SELECT",
             "It has the columns " + listed(h.source_columns) + ".",
             near.empty() ? "Name a column. An expression needs a name in the SELECT."
                          : "Did you mean \"" + near + "\"?");
    };
    for (const std::string &name : m.snapshot.unique_key)
        check("unique_key", name);
    for (const std::string &name : m.snapshot.check_cols)
        check("check_cols", name);
    if (m.snapshot.updated_at.empty())
        return;
    check("updated_at", m.snapshot.updated_at);
    if (const std::string &type = find_column(h.source_columns, m.snapshot.updated_at)->type; !is_time(type))
        fail(m.at("updated_at").text() + ": column \"" + m.snapshot.updated_at +
                 "\" in the key \"updated_at\" of snapshot \"" + m.name + "\" is of type " + type,
             "Its versions begin and end at this time.", "Make it a timestamp in the SELECT.");
}

/// The table that has the history.
void check_table(const history &h) {
    const project::model &m = h.model;
    const std::string name = "snapshot \"" + m.name + "\": ";
    for (const char *own : {"dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"})
        if (!find_column(h.target_columns, own))
            fail(name + h.target + " is there already, and is no table of a snapshot",
                 std::string("It lacks the column \"") + own + "\".",
                 "Rename it, or give the snapshot another name, alias or schema.");
    const std::string &time = find_column(h.target_columns, "dbt_valid_from")->type;
    for (const std::string &own : times)
        if (const std::string &type = find_column(h.target_columns, own)->type; type != time || !is_time(type))
            fail(name + "column \"" + own + "\" of " + h.target + " is of type " + type, "",
                 is_time(time) ? "ALTER TABLE " + h.target + " ALTER COLUMN " + own + " TYPE " + time + ";"
                               : "Make it a timestamp.");
    if (const column *given = find_column(h.source_columns, m.snapshot.updated_at);
        given && time == "date" && given->type != "date") {
        std::string alter;
        for (const std::string &own : times)
            alter += (alter.empty() ? "ALTER TABLE " + h.target + " ALTER COLUMN " : ", ALTER COLUMN ") + own +
                     " TYPE " + given->type;
        fail(name + "column \"" + given->name + "\" is of type " + given->type +
                 " in its SELECT, but the versions in " + h.target + " have dates",
             "The times of the day would be lost.", alter + ";");
    }
    for (const std::string &key : m.snapshot.unique_key)
        if (!find_column(h.target_columns, key))
            fail(m.at("unique_key").text() + ": column \"" + key + "\" in the key \"unique_key\" of snapshot \"" +
                     m.name + "\" is none of " + h.target,
                 "The versions that it has could not be told apart by it.",
                 "Keep the key, or give the snapshot another name: it begins a history of its own.");
    for (const column &c : h.source_columns)
        if (const column *kept = find_column(h.target_columns, c.name); kept && !fits(c.type, kept->type))
            fail(name + "column \"" + c.name + "\" is of type " + c.type + " in its SELECT, and " + kept->type +
                     " in " + h.target,
                 "History is never converted by itself.",
                 "Cast it in the SELECT, or: ALTER TABLE " + h.target + " ALTER COLUMN \"" + c.name + "\" TYPE " +
                     c.type + ";");
}

} // namespace

void check_columns(const history &h) {
    for (const column &c : h.source_columns)
        if (is_own(c.name))
            fail("snapshot \"" + h.model.name + "\": its SELECT has the column \"" + c.name +
                     "\", which is one of the snapshot's own",
                 "", "Give it another name, or leave it out.");
    check_configured(h);
    if (!h.target.empty())
        check_table(h);
}

void refuse(const history &h, const std::string &fault, const std::string &example, const std::string &rows) {
    const std::string name = "snapshot \"" + h.model.name + "\": ";
    const std::string first = "The first is " + example + ".",
                      some = rows + (rows == "1" ? " row" : " rows") + " of its SELECT";
    if (fault == "same key")
        throw error(sqlstate::contract, name + rows + " rows of its SELECT have the key " + example,
                    "A key has one version at a time.",
                    "Let the SELECT give one row a key, or add the column to unique_key that tells them apart.");
    if (fault == "open twice")
        throw error(sqlstate::contract, name + h.target + " has " + rows + " open versions of the key " + example,
                    "A key has one version at a time.", "Set dbt_valid_to in all of them but the newest.");
    if (fault == "no key")
        throw error(sqlstate::contract, name + "the key is NULL in " + some, first,
                    "Leave such rows out of the SELECT, or take another unique_key.");
    const std::string &time = h.model.snapshot.updated_at;
    throw error(sqlstate::contract, name + "column \"" + time + "\" is NULL in " + some, first,
                "Give them a time in the SELECT, for example coalesce(" + time + ", created_at).");
}

} // namespace barometre::snapshot
