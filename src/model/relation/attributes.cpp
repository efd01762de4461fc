#include "model/relation/attributes.h"
#include "core/error.h"
#include "core/json/writer.h"
#include "core/text/text.h"
#include "model/relation/columns.h"
#include "model/relation/lock.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace barometre::model::relation {

std::string description_json(const std::string &description, const std::vector<project::column> &columns) {
    json::object all;
    all.add_some("", description);
    for (const project::column &c : columns)
        all.add_some(c.name, c.description);
    return all.text();
}

void describe(const std::string &schema, const std::string &name, char kind, const std::string &description,
              const std::vector<project::column> &columns, const std::string &before) {
    const std::string target = pg::qualified(schema, name);
    auto comment = [&](const std::string &column, const std::string &text) {
        const std::string what = column.empty() ? std::string(pg::sql_kind(kind)) + " " + target
                                                : "COLUMN " + target + "." + pg::quote_identifier(column);
        pg::project_script("COMMENT ON " + what + " IS " + text);
    };
    if (!description.empty())
        comment("", pg::quote_literal(description));
    const auto have = pg::columns_of(schema, name);
    auto has = [&](const std::string &column) { return find_column(have, column) != nullptr; };
    std::vector<std::string> missing;
    const project::column *first = nullptr;
    for (const project::column &c : columns) {
        if (has(c.name)) {
            if (!c.description.empty())
                comment(c.name, pg::quote_literal(c.description));
            continue;
        }
        if (!first)
            first = &c;
        missing.push_back(text::quoted(c.name));
    }
    if (first)
        pg::warning(first->at.text() + ": " + text::quoted(name) + " has no column" +
                        (missing.size() > 1 ? "s " : " ") + text::join(missing, ", "),
                    missing.size() > 1 ? "Correct the names in the file, or remove the entries."
                                       : "Correct the name in the file, or remove the entry.");
    auto gone = pg::sql("SELECT key FROM jsonb_object_keys($1::jsonb) AS key WHERE NOT $2::jsonb ? key",
                        {before, description_json(description, columns)});
    for (std::size_t i = 0; i < gone.rows.size(); ++i)
        if (gone.text(i, 0).empty() || has(gone.text(i, 0)))
            comment(gone.text(i, 0), "NULL");
}

namespace {

constexpr char mark[] = "barometre: ";

/// The indexes of a relation that are the project's, by their OIDs: schema-qualified name and definition.
std::map<std::string, std::pair<std::string, std::string>> find_indexes(const std::string &target, bool all) {
    auto found = pg::sql(
        "SELECT i.indexrelid, format('%I.%I', n.nspname, c.relname) AS name, substr(d.text, $3::int) AS definition "
        "FROM pg_catalog.pg_index i "
        "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, "
        "LATERAL (SELECT coalesce(obj_description(i.indexrelid, 'pg_class'), '')) AS d(text) "
        "WHERE i.indrelid = $1::regclass AND ($4::bool OR starts_with(d.text, $2))",
        {target, mark, std::to_string(sizeof mark), all ? "t" : "f"});
    std::map<std::string, std::pair<std::string, std::string>> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out[found.text(i, "indexrelid")] = {found.text(i, "name"), found.text(i, "definition")};
    return out;
}

std::string about_index(const project::model &m, const project::index_config &index) {
    return index.at.text() + ": index " + index_text(index) + " of model \"" + m.name + "\": ";
}

void make_index(const project::model &m, const std::string &target, const project::index_config &index) {
    const auto before = find_indexes(target, true);
    try {
        pg::project_script(std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX ON " + target + " USING " +
                           index.type + " (" + pg::column_list(index.columns) + ")");
    } catch (error &e) {
        e.message = about_index(m, index) + e.message;
        if (e.sqlstate == "23505" && e.hint.empty())
            e.hint = "Correct the data or the model, or make the index not unique.";
        throw;
    }
    for (const auto &[oid, made] : find_indexes(target, true)) // the server chose a name that is free
        if (!before.count(oid))
            pg::project_script("COMMENT ON INDEX " + made.first + " IS " + pg::quote_literal(mark + index_text(index)));
}

void apply_indexes(const project::model &m) {
    const std::string target = pg::qualified(m.schema, m.relation());
    auto have = find_indexes(target, false);
    std::vector<project::index_config> missing;
    for (const project::index_config &index : m.indexes) {
        const std::string wanted = index_text(index);
        auto same = std::find_if(have.begin(), have.end(), [&](const auto &h) { return h.second.second == wanted; });
        if (same == have.end())
            missing.push_back(index);
        else
            have.erase(same);
    }
    if (!have.empty())
        lock_exclusively({pg::oid_of(target)});
    for (const auto &one : have)
        pg::project_script("DROP INDEX " + one.second.first);
    for (const project::index_config &index : missing)
        make_index(m, target, index);
}

} // namespace

bool has_its_indexes(const project::model &m) {
    std::vector<std::string> have, wanted;
    for (const auto &[oid, index] : find_indexes(pg::qualified(m.schema, m.relation()), false))
        have.push_back(index.second);
    for (const project::index_config &index : m.indexes)
        wanted.push_back(index_text(index));
    std::sort(have.begin(), have.end());
    std::sort(wanted.begin(), wanted.end());
    return have == wanted;
}

namespace {

std::string grants_json(const project::relation_node &m) {
    json::object grants;
    for (const auto &[privilege, roles] : m.grants)
        grants.raw(privilege, json::texts(roles));
    return grants.text();
}

std::string grantee(const std::string &role) {
    return role == "public" || role == "PUBLIC" ? "PUBLIC" : pg::quote_identifier(role);
}

void check_role(const project::relation_node &m, const char *kind, const std::string &role) {
    if (grantee(role) != "PUBLIC" && !pg::role_oid(role))
        throw error(
            "42704",
            m.where("grants").text() + ": " + kind + " \"" + m.name + "\": role \"" + role + "\" does not exist",
            "Its grants name that role.", "CREATE ROLE " + pg::quote_identifier(role) + ";  or change the grants.");
}

void apply_grants(const project::relation_node &m, const char *kind, const std::string &before) {
    const std::string target = pg::qualified(m.schema, m.relation());
    auto old =
        pg::sql("SELECT p.key, r.role FROM jsonb_each($1::jsonb) AS p, jsonb_array_elements_text(p.value) AS r(role)",
                {before});
    for (std::size_t i = 0; i < old.rows.size(); ++i) {
        const std::string privilege = old.text(i, 0), role = old.text(i, 1);
        auto still = m.grants.find(privilege);
        if (still != m.grants.end() && text::contains(still->second, role))
            continue;
        if (grantee(role) == "PUBLIC" || pg::role_oid(role))
            pg::project_script("REVOKE " + privilege + " ON " + target + " FROM " + grantee(role));
    }
    for (const auto &[privilege, roles] : m.grants)
        for (const std::string &role : roles) {
            check_role(m, kind, role);
            pg::project_script("GRANT " + privilege + " ON " + target + " TO " + grantee(role));
        }
}

} // namespace

std::string index_text(const project::index_config &index) {
    return (index.unique ? "unique " : "") + index.type + " (" + pg::column_list(index.columns) + ")";
}

attributes attributes_of(const project::model &m) {
    attributes out;
    out.description = description_json(m.description, m.columns);
    std::vector<std::string> indexes;
    if (!m.is(project::materialization::view)) // where they stand for a whole folder
        for (const project::index_config &index : m.indexes)
            indexes.push_back(index_text(index));
    out.indexes = json::texts(indexes);
    out.grants = grants_json(m);
    return out;
}

attributes attributes_of(const project::seed &s) {
    attributes out;
    out.description = description_json(s.description, s.columns);
    out.grants = grants_json(s);
    return out;
}

void apply_attributes(const project::model &m, char kind, const attributes &before, bool anew) {
    const attributes wanted = attributes_of(m);
    if (anew || wanted.description != before.description)
        describe(m.schema, m.relation(), kind, m.description, m.columns, before.description);
    if (kind != 'v' && (wanted.indexes != "[]" || before.indexes != "[]")) // somebody may have dropped one
        apply_indexes(m);
    if (anew || wanted.grants != before.grants)
        apply_grants(m, "model", before.grants);
}

void drop_indexes_on(const std::string &schema, const std::string &name, const std::vector<pg::table_column> &retyped) {
    std::vector<std::string> columns;
    for (const pg::table_column &c : retyped)
        columns.push_back(c.name);
    for (const auto &[oid, index] : find_indexes(pg::qualified(schema, name), false)) {
        if (pg::sql("SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND "
                    "a.attnum = ANY (i.indkey) "
                    "WHERE i.indexrelid = $1::oid AND a.attname = ANY ($2::text[])",
                    {oid, pg::array_literal(columns)})
                .processed == 0)
            continue;
        try {
            pg::in_subtransaction([&] { pg::project_script("DROP INDEX " + index.first); });
        } catch (const error &e) {
            if (e.sqlstate != "2BP01") // a foreign key refers to it, and gets the new type too
                throw;
        }
    }
}

void check_attributes(const project::model &m, char kind, const std::vector<pg::table_column> &columns) {
    if (kind != 'v')
        for (const project::index_config &index : m.indexes)
            for (const std::string &column : index.columns)
                if (!find_column(columns, column))
                    throw error("42703", about_index(m, index) + "column \"" + column + "\" does not exist");
    for (const auto &[privilege, roles] : m.grants)
        for (const std::string &role : roles)
            check_role(m, "model", role);
}

void apply_attributes(const project::seed &s, const attributes &before, bool anew) {
    const attributes wanted = attributes_of(s);
    if (anew || wanted.description != before.description)
        describe(s.schema, s.relation(), 'r', s.description, s.columns, before.description);
    if (anew || wanted.grants != before.grants)
        apply_grants(s, "seed", before.grants);
}

} // namespace barometre::model::relation
