#include "registry/owner.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/places.h"

namespace barometre::registry {

namespace {

/// Relations of the project that it made and that are its owner's: what only bears such a name is not taken.
pg::result find_made(const project::project &p, pg::oid owner) {
    std::vector<std::string> schemas, names, nodes;
    auto add = [&](const std::string &schema, const std::string &name, const std::string &node) {
        schemas.push_back(schema);
        names.push_back(name);
        nodes.push_back(node);
    };
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams)
            add(t.name, s.name, "");
    for (const project::seed &s : p.seeds)
        add(s.schema, s.relation(), s.name);
    for (const project::model &m : p.models)
        add(m.schema, m.relation(), m.name);
    return pg::sql(
        "SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS name, n.oid AS schema "
        "FROM unnest($1::text[], $2::text[], $3::text[]) w(schema, name, node) "
        "JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name "
        "WHERE c.relowner = $4::oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND CASE WHEN w.node = '' "
        "THEN EXISTS (SELECT FROM barometre.bookmark b WHERE b.tap = w.schema AND b.stream = w.name) "
        "ELSE EXISTS (SELECT FROM barometre_internal.build b WHERE b.name = w.node AND b.relation = c.oid) END",
        {pg::array_literal(schemas), pg::array_literal(names), pg::array_literal(nodes), std::to_string(owner)});
}

} // namespace

std::vector<error> objections_to_owner(const loaded_project &loaded, pg::oid owner) {
    const auto found = pg::as_extension([&] {
        return pg::sql("SELECT r.kind, r.name, o.rolname FROM barometre_internal.registered r JOIN "
                       "barometre_internal.registered_by b USING (kind, name) JOIN pg_roles o ON o.oid = b.owner::oid "
                       "WHERE NOT pg_has_role(o.oid, $1::oid, 'USAGE') ORDER BY 1, 2",
                       {std::to_string(owner)});
    });
    std::vector<error> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const project::registration r{found.text(i, 0), found.text(i, 1), "", ""};
        out.emplace_back("42501",
                         r.place() + " was registered by role \"" + found.text(i, 2) +
                             "\", and would run with the privileges of role \"" + pg::role_name(owner) + "\"",
                         "The project belongs to role \"" + pg::role_name(loaded.owner) + "\".",
                         "Look at it; then forget it, and let role " + pg::quote_identifier(pg::role_name(owner)) +
                             " register it: SELECT * FROM baro_unregister(" + pg::quote_literal(r.kind) + ", " +
                             pg::quote_literal(r.name) + ");");
    }
    return out;
}

void give_project(const loaded_project &loaded, pg::oid owner) {
    const std::string from = std::to_string(loaded.owner), to = pg::quote_identifier(pg::role_name(owner));
    pg::wait_for_name("registry", "");
    pg::as_extension([&] {
        pg::sql("UPDATE barometre_internal.project SET owner = $1::oid::regrole", {std::to_string(owner)});
        const pg::result made = find_made(loaded.definition, loaded.owner);
        std::vector<std::string> relations, schemas;
        for (std::size_t i = 0; i < made.rows.size(); ++i) {
            relations.push_back(made.text(i, "oid"));
            schemas.push_back(made.text(i, "schema"));
            pg::script(std::string("ALTER ") + pg::sql_kind(made.text(i, "relkind").at(0)) + " " +
                       made.text(i, "name") + " OWNER TO " + to);
        }
        const pg::result functions =
            pg::sql("SELECT f.oid::regprocedure::text FROM barometre_internal.build_input i JOIN pg_proc f ON f.oid = "
                    "i.object WHERE i.model = '' AND i.kind = 'function' AND f.proowner = $1::oid",
                    {from});
        for (std::size_t i = 0; i < functions.rows.size(); ++i)
            pg::script("ALTER ROUTINE " + functions.text(i, 0) + " OWNER TO " + to);
        const pg::result emptied = pg::sql(
            "SELECT n.nspname FROM pg_namespace n WHERE n.oid = ANY ($1::oid[]) AND n.nspowner = $2::oid AND n.nspname "
            "<> 'public' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND "
            "d.refobjid = n.oid AND d.deptype = 'n' AND NOT (d.classid = 'pg_class'::regclass AND d.objid = ANY "
            "($3::oid[])))",
            {pg::array_literal(schemas), from, pg::array_literal(relations)});
        for (std::size_t i = 0; i < emptied.rows.size(); ++i)
            pg::script("ALTER SCHEMA " + pg::quote_identifier(emptied.text(i, 0)) + " OWNER TO " + to);
    });
}

void tell_given(const loaded_project &loaded, pg::oid owner) {
    pg::notice("the project belongs to role \"" + pg::role_name(owner) + "\" now, and no longer to role \"" +
                   pg::role_name(loaded.owner) + "\"",
               "Where its jobs are scheduled, that role's entries in cron.job are to be removed: SELECT "
               "cron.unschedule(jobid) FROM cron.job WHERE username = " +
                   pg::quote_literal(pg::role_name(loaded.owner)) +
                   " AND starts_with(jobname, 'barometre ');  and then: SELECT * FROM baro_schedule();");
}

} // namespace barometre::registry
