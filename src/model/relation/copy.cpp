#include "model/relation/copy.h"
#include "pg/own_heap.h"
#include "pg/spi.h"

#include <algorithm>

namespace barometre::model::relation {

bool needs_copy(const candidate &c) {
    return !c.published.elsewhere.empty() && c.published.kind == c.kind && (c.kind == 'r' || c.kind == 'm');
}

void watch_others(candidate &c) {
    c.difference.seen = std::make_shared<pg::seen_state>(pg::seen_state::of_transaction());
    if (c.copy.empty())
        return;
    if (const auto heaps = pg::heaps_of(c.published.oid))
        c.difference.heaps = *heaps;
    else if (c.kind == 'r')
        pg::project_script("LOCK TABLE " + c.target() + " IN SHARE ROW EXCLUSIVE MODE");
}

bool others_wrote(const candidate &c) {
    const auto &seen = c.difference.seen;
    if (!seen)
        return false;
    if (c.copy.empty())
        return seen->others_wrote(c.published.oid);
    const auto heaps = pg::heaps_of(c.published.oid);
    if (!heaps)
        return !c.difference.heaps.empty();
    // A partition that came or went has other rows.
    return *heaps != c.difference.heaps ||
           std::any_of(heaps->begin(), heaps->end(), [&](pg::oid heap) { return seen->others_wrote(heap); });
}

std::string beside_published(const candidate &c, const std::string &table) {
    return c.published.elsewhere.empty() ? table : pg::beside(c.published.oid, table);
}

void fill_copy(const candidate &c, const std::string &query) {
    const std::string copy = c.places();
    pg::project_script("DROP TABLE " + copy);
    pg::project_sql("CREATE UNLOGGED TABLE " + copy + " USING heap AS " + query);
}

} // namespace barometre::model::relation
