#include "model/relation/compare.h"
#include "core/error.h"
#include "core/text/text.h"
#include "model/relation/copy.h"
#include "model/relation/dependents.h"
#include "pg/relations.h"
#include "pg/spi.h"

#include <cstdint>
#include <memory>
#include <string>

namespace barometre::model::relation {

void count_rows(candidate &c) {
    const pg::row_difference &rows = *c.difference.rows;
    c.done.inserted = static_cast<std::int64_t>(rows.missing.size());
    c.done.deleted = static_cast<std::int64_t>(rows.gone.size());
    c.done.unchanged = rows.kept;
    c.done.records = c.done.inserted + c.done.unchanged;
}

void compare_table(candidate &c) {
    const auto since = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    if (c.copy.empty()) {
        c.difference.seen = std::make_shared<pg::seen_state>();
    } else {
        watch_others(c);
        fill_copy(c, "SELECT * FROM " + c.published_rows());
    }
    c.difference.rows = std::make_shared<pg::row_difference>(
        pg::compare_rows(pg::oid_of(c.places()), pg::oid_of(c.made()), pg::memory_for_comparing()));
    count_rows(c);
    // Then what is built upon it reads the published rows, as the transaction's snapshot has them: no others than
    // these.
    if (c.copy.empty() && !c.changes())
        c.difference.seen = since;
}

void compare_with_published(const project::project &p, candidate &c) {
    if (c.becomes_other_kind())
        check_views_on(p, c.node,
                       std::string(": the ") + pg::kind_name(c.published.kind) + " can't become a " +
                           pg::kind_name(c.kind));
    else if (c.kind == 'm' && c.published.kind == 'm' && !c.published.same_definition)
        check_views_on(p, c.node, ": the materialized view can't get another definition");
    if (!c.by_difference() && !(c.kind == 'm' && c.published.same_definition)) {
        c.done.inserted = c.done.records;
        return;
    }
    column_change &columns = c.difference.columns;
    columns = compare_columns(pg::collated_columns_of(c.schema, c.name), pg::collated_columns_of(c.schema, c.built));
    if (c.model && text::contains(columns.removed, "dbt_scd_id") && text::contains(columns.removed, "dbt_valid_to"))
        throw error(sqlstate::contract,
                    c.model->kind() + " \"" + c.node + "\": " + c.target() + " holds the history of a snapshot",
                    "A model in its place would delete it.",
                    "Rename or drop that table, or give the model another name, alias or schema.");
    if (c.kind == 'm') {
        c.published.same_definition = !columns.any();
        c.published.has_data = pg::sql("SELECT FROM pg_catalog.pg_class WHERE oid = $1::oid AND relispopulated",
                                       {std::to_string(c.published.oid)})
                                   .processed > 0;
    }
    if (columns.any())
        check_dependents(p, c.node, columns);
    else
        compare_table(c);
}

} // namespace barometre::model::relation
