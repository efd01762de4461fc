#include "registry/grant.h"
#include "core/text/text.h"
#include "pg/entry.h"

namespace barometre::entry {

namespace {

pg::table grant(const pg::arguments &) {
    pg::table rows;
    for (const auto &g : registry::grant_roles())
        rows.push_back({g.role, g.privilege, text::fold(g.object, 60)});
    return rows;
}

} // namespace

BARO_WRITES(barometre_grant, grant)

} // namespace barometre::entry
