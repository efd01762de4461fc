#include "registry/grant.h"
#include "pg/identity.h"
#include "pg/relations.h"

#include <set>

namespace barometre::registry {

namespace {

/// Makes grants and remembers them.
class granting {
public:
    void grant(const std::string &role, const std::string &privilege, const std::string &object) {
        pg::script("GRANT " + privilege + " ON " + object + " TO " + pg::quote_identifier(role));
        made.push_back({role, privilege, object});
    }
    std::vector<made_grant> made;
};

void require_role(const std::string &name) {
    if (!pg::role_oid(name))
        throw error("42704", "role \"" + name + "\" does not exist", "\"roles\" in barometre.yml names it.",
                    "CREATE ROLE " + pg::quote_identifier(name) + " LOGIN;  or change barometre.yml.");
}

} // namespace

std::vector<made_grant> grant_roles(const project::project &p) {
    const std::string &loader = p.roles.loader;
    if (loader.empty())
        throw error(sqlstate::not_configured, "the project names no loader", "",
                    "Add this to barometre.yml:  roles: {loader: name_of_a_role, readers: []}");
    require_role(loader);
    for (const std::string &reader : p.roles.readers)
        require_role(reader);

    granting g;
    const std::string database = "DATABASE " + pg::quote_identifier(pg::database_name());
    std::set<std::string> schemas{p.schema};
    for (const project::model &m : p.models)
        schemas.insert(m.schema);

    g.grant(loader, "CONNECT, CREATE", database);
    if (!p.functions.empty())
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
    for (const std::string &schema : schemas) {
        const std::string quoted = pg::quote_identifier(schema);
        if (!pg::schema_exists(schema)) {
            pg::script("CREATE SCHEMA " + quoted + " AUTHORIZATION " + pg::quote_identifier(loader));
            g.made.push_back({loader, "OWNER", "SCHEMA " + quoted});
        } else {
            g.grant(loader, "USAGE, CREATE", "SCHEMA " + quoted);
        }
    }
    for (const std::string &reader : p.roles.readers) {
        g.grant(reader, "CONNECT", database);
        for (const std::string &schema : schemas) {
            const std::string quoted = pg::quote_identifier(schema);
            g.grant(reader, "USAGE", "SCHEMA " + quoted);
            g.grant(reader, "SELECT", "ALL TABLES IN SCHEMA " + quoted);
            // Default privileges count for what the loader creates, whoever grants them.
            pg::script("ALTER DEFAULT PRIVILEGES FOR ROLE " + pg::quote_identifier(loader) + " IN SCHEMA " + quoted +
                       " GRANT SELECT ON TABLES TO " + pg::quote_identifier(reader));
            g.made.push_back({reader, "SELECT", "tables created later in SCHEMA " + quoted});
        }
    }
    return g.made;
}

} // namespace barometre::registry
