#include "model/relation/make.h"
#include "core/text/text.h"
#include "load/withheld.h"
#include "model/relation/lock.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/compile.h"
#include "registry/spreading.h"

namespace barometre::model::relation {

void make_table(const project::relation_node &node, const std::string &name, const std::string &built) {
    const std::string &schema = node.schema;
    const std::string target = pg::qualified(schema, name);
    std::string columns, names;
    for (const pg::table_column &c : pg::collated_columns_of(schema, built)) {
        text::append(columns, pg::quote_identifier(c.name) + " " + c.type);
        text::append(names, pg::quote_identifier(c.name));
    }
    pg::project_script("CREATE TABLE " + target + " (" + columns + ")");
    if (node.spread.is_said()) // its rows are then told apart as they come
        registry::spread_table(node.kind() + " " + text::quoted(node.name), node.spread, schema, name);
    const auto count = [](const std::string &table) {
        return pg::project_sql("SELECT pg_catalog.count(*) FROM " + table).number(0, 0);
    };
    const load::withholders withheld(target, load::writes::insert); // an event trigger may have made some
    pg::project_sql("INSERT INTO " + target + (names.empty() ? "" : " (" + names + ")") + " SELECT " + names +
                    " FROM " + pg::qualified(schema, built));
    if (!withheld.any())
        return;
    const std::int64_t promised = count(pg::qualified(schema, built)), arrived = count(target);
    if (arrived < promised)
        withheld.refuse(promised - arrived, promised);
}

void make_view(const project::project &p, const project::model &m, char kind) {
    const registry::compiled text = registry::compile_lines(p, m.source, m.file, {.self = &m});
    const std::string statement = (kind == 'm' ? "CREATE MATERIALIZED VIEW " : "CREATE VIEW ") +
                                  pg::qualified(m.schema, m.relation()) + " AS\n" + text.sql + "\n";
    try {
        pg::project_sql(statement);
    } catch (const error &e) {
        registry::rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1, text.lines);
    }
}

void refresh_view(const std::string &schema, const std::string &name) {
    const std::string view = pg::qualified(schema, name);
    // It needs a temporary table, which who works for somebody else can't make.
    const bool concurrently =
        !pg::is_restricted() &&
        pg::sql("SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid WHERE c.oid = "
                "$1::regclass AND c.relispopulated "
                "AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL",
                {view})
                .processed > 0;
    if (!concurrently)
        lock_exclusively({pg::oid_of(view)});
    pg::project_script(std::string("REFRESH MATERIALIZED VIEW ") + (concurrently ? "CONCURRENTLY " : "") + view);
}

void drop_relation(const std::string &schema, const std::string &name, char kind) {
    try {
        pg::project_script(std::string("DROP ") + pg::sql_kind(kind) + " " + pg::qualified(schema, name));
    } catch (error &e) {
        if (e.sqlstate == "2BP01")
            e.hint = pg::qualified(schema, name) +
                     " must be made anew. Drop the objects that DETAIL names, run again, and create them anew.";
        throw;
    }
}

} // namespace barometre::model::relation
