#include "registry/places.h"
#include "core/project/registered.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/spi.h"

#include <algorithm>
#include <map>
#include <set>

namespace barometre::registry {

namespace {

/// What the database has under a name.
struct known_schema {
    std::string owner, extension; ///< extension: empty: it belongs to none
    bool is_trusted, is_owned, may_create;
};

/// Runs as the extension's owner, so that operators are the server's own.
std::map<std::string, known_schema> find_schemas(const std::vector<project::schema_use> &uses, pg::oid owner) {
    std::set<std::string> names;
    for (const project::schema_use &use : uses)
        names.insert(use.schema);
    // In public everybody's extensions lie; elsewhere their objects would stand beside the project's.
    auto found = pg::sql(
        "SELECT n.nspname, pg_get_userbyid(n.nspowner) AS owner, pg_has_role($2::oid, n.nspowner, 'USAGE') AS owned, "
        "has_schema_privilege($2::oid, n.oid, 'CREATE') AS may_create, " +
            pg::trusts("n.nspowner", "$2::oid") +
            " AS trusted, coalesce((SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid WHERE "
            "d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.refclassid = 'pg_extension'::regclass AND "
            "d.deptype = 'e'), (SELECT e.extname FROM pg_extension e WHERE e.extnamespace = n.oid AND n.nspname <> "
            "'public' AND NOT pg_has_role($2::oid, n.nspowner, 'USAGE') LIMIT 1)) AS extension "
            "FROM pg_namespace n WHERE n.nspname = ANY ($1::text[])",
        {pg::array_literal({names.begin(), names.end()}), std::to_string(owner)});
    std::map<std::string, known_schema> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out[found.text(i, "nspname")] = {found.text(i, "owner"), found.text(i, "extension"), found.yes(i, "trusted"),
                                         found.yes(i, "owned"), found.yes(i, "may_create")};
    return out;
}

/// What is wrong with a schema; nothing: it may be written into.
std::optional<error> problem_of(const project::schema_use &use, const std::map<std::string, known_schema> &schemas,
                                pg::oid owner) {
    if (const std::string why = project::reserved_for(use.schema); !why.empty())
        return project::refused_schema(use, why);
    const auto known = schemas.find(use.schema);
    if (known == schemas.end())
        return std::nullopt;
    const known_schema &schema = known->second;
    if (!schema.extension.empty())
        return project::refused_schema(use, "It belongs to extension \"" + schema.extension + "\".");
    if (schema.is_trusted && (schema.is_owned || schema.may_create || use.relation.empty()))
        return std::nullopt;
    const std::string role = pg::role_name(owner);
    return project::schema_error(
        use, "42501", "belongs to role \"" + schema.owner + "\"",
        "The project belongs to role \"" + role + "\", " +
            (schema.is_trusted ? "which may make nothing there."
                               : "with whose privileges all would run that the other role prepares there."),
        std::string(use.what.starts_with("tap ") ? "Give the tap another name" : "Name another schema") +
            "; or if it is meant for this project alone, as a superuser: ALTER SCHEMA " +
            pg::quote_identifier(use.schema) + " OWNER TO " + pg::quote_identifier(role) + ";");
}

bool is_there(const project::schema_use &use, pg::oid owner) {
    return pg::sql("SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
                   "c.relname = $2 AND pg_has_role($3::oid, c.relowner, 'USAGE')",
                   {use.schema, use.relation, std::to_string(owner)})
               .processed > 0;
}

} // namespace

std::vector<place_problem> find_place_problems(const project::project &p, pg::oid owner,
                                               const std::string &registering) {
    const std::vector<project::schema_use> uses = project::schema_uses(p);
    return pg::as_extension([&] {
        const auto schemas = find_schemas(uses, owner);
        std::vector<place_problem> out;
        std::set<std::string> standing; // schemas in which something stands
        std::vector<std::pair<std::string, error>> named;
        for (const project::schema_use &use : uses) {
            std::optional<error> what = problem_of(use, schemas, owner);
            if (!what)
                continue;
            if (use.relation.empty() && !project::is_registered(use.at.file)) {
                named.emplace_back(use.schema, *what);
                continue;
            }
            const bool stands = project::is_registered(use.at.file) ? use.at.file != registering : is_there(use, owner);
            if (stands)
                standing.insert(use.schema);
            if (std::none_of(out.begin(), out.end(),
                             [&](const place_problem &other) { return other.what.message == what->message; }))
                out.push_back({std::move(*what), stands});
        }
        for (auto one = named.rbegin(); one != named.rend(); ++one)
            if (standing.count(one->first) ||
                !project::reserved_for(one->first).empty()) // else nothing is written there
                out.insert(out.begin(), {one->second, standing.count(one->first) > 0});
        return out;
    });
}

void throw_all(const std::vector<error> &all) {
    error out = all.at(0);
    std::set<std::string> hints{out.hint};
    for (std::size_t i = 1; i < all.size(); ++i) {
        out.detail +=
            (out.detail.empty() ? "" : "\n") + all[i].message + (all[i].detail.empty() ? "" : ": ") + all[i].detail;
        if (hints.insert(all[i].hint).second)
            out.hint += (out.hint.empty() ? "" : "\n") + all[i].hint;
    }
    throw out;
}

void settle(const std::vector<place_problem> &problems) {
    std::vector<error> refused;
    for (const place_problem &one : problems)
        if (!one.stands)
            refused.push_back(one.what);
    if (!refused.empty())
        throw_all(refused);
    for (const place_problem &one : problems)
        pg::warning(one.what.message, one.what.hint, one.what.detail);
}

std::vector<std::string> schemas_for_readers(const project::project &p) {
    std::set<std::string> out{p.schema};
    for (const project::seed &s : p.seeds)
        out.insert(s.schema);
    for (const project::model &m : p.models)
        if (!m.is(project::materialization::ephemeral))
            out.insert(m.schema);
    return {out.begin(), out.end()};
}

} // namespace barometre::registry
