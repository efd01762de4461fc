#include "core/sql/masked.h"
#include "core/text/text.h"
#include "pg/entry.h"
#include "pg/time.h"

namespace barometre::entry {

namespace {

std::string fold(const pg::arguments &given) {
    return text::fold(given.text(0), static_cast<std::size_t>(std::max<std::int64_t>(given.integer(1, 1), 1)));
}
std::string masked_sql(const pg::arguments &given) { return sql::masked(given.text(0)); }
std::string clock(const pg::arguments &given) { return pg::clock_text(*given.seconds(0), given.text(1)); }

} // namespace

BARO_TEXT(barometre_fold, fold)
BARO_TEXT(barometre_clock, clock)
BARO_TEXT(barometre_masked_sql, masked_sql)

} // namespace barometre::entry
