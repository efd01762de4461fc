#pragma once

#include "model/relation/candidate.h"
#include "model/transform/workshop.h"
#include "pg/query.h"
#include "pg/relations.h"

#include <string>
#include <vector>

namespace barometre::model::transform {

/// Whether a build gives only the new rows of a model: it is incremental, its table is there, and nobody asked for all.
bool builds_delta(const project::model &m, char published, bool full_refresh);

/// How the columns of an incremental model's query fit its table's.
struct delta_columns {
    std::string select;                    ///< the table's columns from the query's, with what is added behind
    std::vector<pg::table_column> columns; ///< that the table will have, in this order
    relation::column_change change;        ///< of the table
    std::vector<std::string> left_out;     ///< of the query
};
/// Throws `contract` where on_schema_change forbids it, or values would have to be converted. A column whose values fit
/// into the query's type, which has more room, gets it in any case. `have`: as columns_of() or collated_columns_of()
/// give them; with collations, new rows take them.
delta_columns fit_delta(const project::model &m, const std::vector<pg::result_column> &given,
                        const std::vector<pg::table_column> &have);

/// That a table which is built whole has the columns of its unique_key, with values that can be compared, none NULL,
/// none twice where the strategy forbids it: as compare_increment() asks of new rows. Throws contract.
void check_unique_key(const relation::candidate &c);

/// Looks at the rows in `built`, as the strategy wants them, and finds out what the publication will change. Where the
/// published rows have to be written anew, it makes the table as it will be, which is no delta any more.
void compare_increment(relation::candidate &c, workshop &shop);

} // namespace barometre::model::transform
