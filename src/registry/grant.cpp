#include "registry/grant.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "registry/compile.h"
#include "registry/owner.h"
#include "registry/places.h"

namespace barometre::registry {

namespace {

/// Views of schema barometre that show no value of the data to who may read nothing else there.
constexpr const char *for_observers[] = {"failures", "freshness", "health",     "history", "lineage",       "problems",
                                         "progress", "report",    "row_counts", "status",  "usual_duration"};

/// Makes grants and remembers them.
class granting {
public:
    void grant(const std::string &role, const std::string &privilege, const std::string &object) {
        pg::script("GRANT " + privilege + " ON " + object + " TO " + pg::quote_identifier(role));
        made.push_back({role, privilege, object});
    }
    std::vector<made_grant> made;
};

/// Whether a role that the project names can be what it is named as.
std::optional<error> objection_to(const std::string &name, const std::string &what) {
    const std::string where = "\"roles\" in barometre.yml names it.";
    if (name == "public" || name.starts_with("pg_"))
        return error("42939", "role \"" + name + "\" can't be the " + what + " of a project", where,
                     "Name a role of the project's own, and grant that one to whom you want.");
    const auto role = pg::role_oid(name);
    if (!role)
        return error("42704", "role \"" + name + "\" does not exist", where,
                     "CREATE ROLE " + pg::quote_identifier(name) + " LOGIN;  or change barometre.yml.");
    if (what == "loader" && pg::leads_to_superuser(*role))
        return error("42501",
                     "role \"" + name + "\" can't be the loader of a project: it is, or may become, a superuser", where,
                     "Name a role whose privileges are those that the project's SQL is to have.");
    return std::nullopt;
}

/// Sees that all is right before anything is granted, and says what is not in one error, which takes back all. Called
/// by a superuser, it makes the project the loader's: what the loader may write into is seen only then.
void settle_owner(const loaded_project &loaded, pg::oid caller) {
    const project::role_names &roles = loaded.definition.roles;
    std::vector<error> wrong;
    auto check_role = [&](const std::string &name, const std::string &what) {
        if (auto objection = objection_to(name, what))
            wrong.push_back(*objection);
    };
    check_role(roles.loader, "loader");
    for (const std::string &reader : roles.readers)
        check_role(reader, "reader");
    for (const std::string &observer : roles.observers)
        check_role(observer, "observer");
    const auto loader = pg::role_oid(roles.loader);
    std::vector<place_problem> places;
    bool gives = false;
    if (loader) {
        if (!pg::has_privileges_of(caller, *loader))
            wrong.emplace_back("42501", "permission denied to grant what is for role \"" + roles.loader + "\"",
                               "Role \"" + pg::role_name(caller) + "\" does not have that role's privileges.",
                               "As a superuser: SELECT * FROM baro_grant();");
        if (loaded.owner != *loader)
            for (const error &objection : objections_to_owner(loaded, *loader))
                wrong.push_back(objection);
        gives = wrong.empty() && loaded.owner != *loader && pg::is_superuser(caller);
        if (gives)
            give_project(loaded, *loader);
        places = find_place_problems(loaded.definition, *loader);
        for (const place_problem &one : places)
            if (!one.stands)
                wrong.push_back(one.what);
    }
    if (!wrong.empty())
        throw_all(wrong);
    settle(places);
    if (gives)
        tell_given(loaded, *loader);
    else if (loaded.owner != *loader)
        pg::warning("the project belongs to role \"" + pg::role_name(loaded.owner) + "\", and not to its loader \"" +
                        roles.loader + "\"",
                    "As a superuser: SELECT * FROM baro_grant();  gives it the project.");
}

/// What is barometre's, the database's and pg_cron's, as who calls.
void grant_tools(granting &g, const project::project &p) {
    const std::string &loader = p.roles.loader;
    const std::string database = "DATABASE " + pg::quote_identifier(pg::database_name());
    g.grant(loader, "CONNECT, CREATE", database);
    if (!p.functions.empty() || !p.on_run_start.empty())
        g.grant(loader, "USAGE, CREATE", "SCHEMA public");
    g.grant(loader, "USAGE", "SCHEMA barometre");
    if (pg::extension_schema() != "public")
        g.grant(loader, "USAGE", "SCHEMA " + pg::quote_identifier(pg::extension_schema()));
    g.grant(loader, "SELECT", "ALL TABLES IN SCHEMA barometre");
    // What hangs on the registry may be asked by who runs it.
    g.grant(loader, "USAGE", "SCHEMA barometre_internal");
    g.grant(loader, "SELECT", "ALL TABLES IN SCHEMA barometre_internal");
    auto routines = pg::sql("SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_depend d "
                            "ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' "
                            "JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid "
                            "WHERE e.extname = 'barometre' AND p.proname <> 'baro_grant' AND p.pronamespace <> "
                            "'barometre_internal'::pg_catalog.regnamespace ORDER BY 1");
    for (std::size_t i = 0; i < routines.rows.size(); ++i)
        g.grant(loader, "EXECUTE", "ROUTINE " + routines.text(i, 0));
    if (pg::schema_exists("cron") && pg::sql("SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'").processed)
        g.grant(loader, "USAGE", "SCHEMA cron");
    for (const std::string &reader : p.roles.readers)
        g.grant(reader, "CONNECT", database);
    for (const std::string &observer : p.roles.observers) {
        g.grant(observer, "CONNECT", database);
        if (pg::extension_schema() != "public")
            g.grant(observer, "USAGE", "SCHEMA " + pg::quote_identifier(pg::extension_schema()));
        g.grant(observer, "USAGE", "SCHEMA barometre");
        for (const char *view : for_observers)
            g.grant(observer, "SELECT", std::string("barometre.") + view);
        g.grant(observer, "EXECUTE", "ROUTINE " + pg::quote_identifier(pg::extension_schema()) + ".baro_health()");
    }
}

/// Published relations in a schema that are the current role's.
std::vector<std::string> published_in(const project::project &p, const std::string &schema) {
    std::vector<std::string> names;
    for (const project::seed &s : p.seeds)
        if (s.schema == schema)
            names.push_back(s.relation());
    for (const project::model &m : p.models)
        if (m.schema == schema)
            names.push_back(m.relation());
    auto found = pg::sql("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                         "WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'f', 'v', "
                         "'m') AND pg_has_role(c.relowner, 'USAGE') ORDER BY 1",
                         {schema, pg::array_literal(names)});
    std::vector<std::string> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.push_back(pg::qualified(schema, found.text(i, 0)));
    return out;
}

/// What is the loader's, as the loader: another's object is refused by the server itself.
void grant_schema(granting &g, const project::project &p, const std::string &schema) {
    const std::string quoted = pg::quote_identifier(schema), &loader = p.roles.loader;
    const auto there = pg::sql("SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1", {schema});
    const bool is_owned = there.empty() || there.yes(0, 0);
    if (there.empty()) {
        pg::script("CREATE SCHEMA " + quoted);
        g.made.push_back({loader, "OWNER", "SCHEMA " + quoted});
    } else if (is_owned) {
        g.grant(loader, "USAGE, CREATE", "SCHEMA " + quoted);
    }
    for (const std::string &reader : p.roles.readers) {
        if (is_owned)
            g.grant(reader, "USAGE", "SCHEMA " + quoted);
        else if (!pg::sql("SELECT pg_has_role($1, nspowner, 'USAGE') OR has_schema_privilege($1, oid, 'USAGE') FROM "
                          "pg_namespace WHERE nspname = $2",
                          {reader, schema})
                      .yes(0, 0))
            pg::warning("schema \"" + schema + "\" is not the loader's, and role \"" + reader + "\" has no USAGE on it",
                        "If readers may see it: GRANT USAGE ON SCHEMA " + quoted + " TO " +
                            pg::quote_identifier(reader) + ";");
        for (const std::string &relation : published_in(p, schema))
            g.grant(reader, "SELECT", relation);
        // 0.1.0 granted these, which reached all that the loader made there.
        if (is_owned)
            pg::script("ALTER DEFAULT PRIVILEGES IN SCHEMA " + quoted + " REVOKE SELECT ON TABLES FROM " +
                       pg::quote_identifier(reader));
    }
}

} // namespace

std::vector<made_grant> grant_roles() {
    const pg::oid caller = pg::current_role();
    const loaded_project loaded = load_project({.checks_places = false});
    const project::project &p = loaded.definition;
    if (p.roles.loader.empty())
        throw error(sqlstate::not_configured, "the project names no loader", "",
                    "Add this to barometre.yml:  roles: {loader: name_of_a_role, readers: []}");
    // Operators of whoever may write into public must not run as a superuser.
    pg::pinned_settings settings("pg_catalog, pg_temp", "UTC");
    settle_owner(loaded, caller);
    granting g;
    grant_tools(g, p);
    pg::identity as_loader(*pg::role_oid(p.roles.loader), true);
    for (const std::string &schema : schemas_for_readers(p))
        if (project::reserved_for(schema).empty()) // else it was told
            grant_schema(g, p, schema);
    return g.made;
}

} // namespace barometre::registry
