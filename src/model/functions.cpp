#include "model/functions.h"
#include "model/state.h"
#include "pg/identity.h"
#include "registry/compile.h"

namespace barometre::model {

bool functions_changed(const project::project &p) {
    return !p.functions.empty() && pg::as_extension([&] {
        return pg::sql("SELECT FROM barometre.build WHERE kind = 'functions' AND query = $1", {functions_hash(p)}).processed == 0;
    });
}

void make_functions(const project::project &p) {
    pg::pinned_settings settings("public, pg_temp", p.timezone);
    for (const project::function_file &f : p.functions) {
        try {
            pg::script(f.source);
        } catch (const error &e) {
            rethrow_for(e, "functions", f.file, f.source, 0);
        }
    }
    build_record record;
    record.query = functions_hash(p);
    write_build("functions", "", record, {}, pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0));
}

} // namespace barometre::model
