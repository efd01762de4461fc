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

bool may_see_values(pg::oid role) {
    return pg::as_extension([&] {
        return pg::sql("SELECT pg_catalog.has_table_privilege($1::oid, 'barometre.run', 'SELECT')",
                       {std::to_string(role)})
            .yes(0, 0);
    });
}

/// Whether `role` sees less than `other`: relations alone, or names.
bool sees_less(pg::oid role, pg::oid other) {
    return pg::as_extension([&] {
        return pg::sql("SELECT pg_catalog.array_position(k.kinds, barometre_internal.page_sees($1::oid)) < "
                       "pg_catalog.array_position(k.kinds, barometre_internal.page_sees($2::oid)) FROM (SELECT "
                       "'{relations,names,all}'::text[]) AS k (kinds)",
                       {std::to_string(role), std::to_string(other)})
            .yes(0, 0);
    });
}

} // namespace

audience find_audience(const subject &of, const request &what) {
    audience out{role_for(of, what.audience), false};
    if (sees_less(pg::current_role(), out.role)) // then what both see is what the caller does
        out.role = pg::current_role();
    if (!what.samples)
        return out;
    out.sees_values = may_see_values(out.role) && may_see_values(pg::current_role());
    if (!out.sees_values)
        pg::warning(
            "the page shows no values, since role \"" + pg::role_name(out.role) + "\" may see none",
            "Values are for who may read barometre.run, as the loader: baro_page(samples => true, audience => ...).");
    return out;
}

} // namespace barometre::page
