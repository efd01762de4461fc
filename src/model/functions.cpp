#include "model/functions.h"
#include "model/staleness.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "registry/compile.h"

#include <set>
#include <string>
#include <vector>

namespace barometre::model {

bool functions_changed(const project::project &p) {
    return !p.functions.empty() && pg::as_extension([&] {
        return pg::sql("SELECT FROM barometre_internal.build WHERE kind = 'functions' AND query = $1 AND NOT EXISTS "
                       "(SELECT FROM barometre_internal.build_input i "
                       "WHERE i.model = '' AND NOT EXISTS (SELECT FROM pg_proc f WHERE f.oid = i.object))",
                       {functions_hash(p)})
                   .processed == 0;
    });
}

bool must_make_functions(const project::project &p, bool full_refresh) {
    return functions_changed(p) || (full_refresh && !p.functions.empty());
}

void make_functions(const project::project &p) {
    pg::pinned_settings settings("public, pg_temp", p.timezone, value::date_style(p.date_order));
    // What the files make is known by what is new or written anew.
    const char *const listing =
        "SELECT oid, xmin::text || ctid::text FROM pg_catalog.pg_proc WHERE pronamespace <> 'pg_catalog'::regnamespace";
    std::set<std::string> before;
    for (const pg::row &r : pg::sql(listing).rows)
        before.insert(*r[0] + *r[1]);
    for (const project::function_file &f : p.functions) {
        try {
            pg::project_script(f.source);
        } catch (const error &e) {
            registry::rethrow_for(e, "functions", f.file, f.source, 0);
        }
    }
    std::vector<input> made;
    for (const pg::row &r : pg::sql(listing).rows)
        if (!before.count(*r[0] + *r[1]))
            made.push_back({"function", static_cast<pg::oid>(std::stoul(*r[0])), "", ""});
    build_record record;
    record.query = functions_hash(p);
    write_build("functions", "", record, made, pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0));
}

} // namespace barometre::model
