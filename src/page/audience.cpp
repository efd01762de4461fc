#include "page/audience.h"
#include "pg/identity.h"
#include "pg/messages.h"

namespace barometre::page {

namespace {

pg::oid role_for(const subject &of, const std::string &named) {
    if (!named.empty()) {
        if (const auto role = pg::role_oid(named))
            return *role;
        throw error("42704", "role \"" + named + "\" does not exist",
                    "It is the page's audience, whose rights decide what it shows.",
                    "Name a role of this server, or leave it out: then it is the first of roles.observers, or of "
                    "roles.readers, or who calls.");
    }
    if (of.project)
        for (const auto *names : {&of.project->definition.roles.observers, &of.project->definition.roles.readers})
            for (const std::string &name : *names)
                if (const auto role = pg::role_oid(name))
                    return *role;
    return pg::current_role();
}

/// How much a page for a role holds: 1 relations, 2 names, 3 all.
std::int64_t level_of(pg::oid role) {
    return pg::as_extension([&] {
        return pg::sql("SELECT pg_catalog.array_position('{relations,names,all}', "
                       "barometre_internal.page_sees($1::oid))",
                       {std::to_string(role)})
            .number(0, 0);
    });
}

} // namespace

audience find_audience(const subject &of, const request &what) {
    audience out{role_for(of, what.audience), false};
    if (level_of(pg::current_role()) < level_of(out.role)) // then what both see is what the caller does
        out.role = pg::current_role();
    if (!what.samples)
        return out;
    out.sees_values = level_of(out.role) == 3;
    if (!out.sees_values)
        pg::warning(
            "the page shows no values, since role \"" + pg::role_name(out.role) + "\" may see none",
            "Values are for who may read barometre.run, as the loader: baro_page(samples => true, audience => ...).");
    return out;
}

} // namespace barometre::page
