#pragma once

#include "model/relation/candidate.h"
#include "model/transform/workshop.h"

#include <string>

namespace barometre::model::transform {

/// Columns of an incremental model's table that get another type.

/// Throws `contract` where the server assigns no value of the column's type to the other one. `where`: for the message.
void check_assignable(const project::model &m, const pg::table_column &have, const std::string &type,
                      const std::string &where);

/// Throws `contract` where values of published rows would not stay what they are in the new types.
void check_values(const relation::candidate &c);

/// Whether the rows of the table have to be written anew for it.
bool rewrites_rows(const relation::candidate &c);

/// The column of a published row, as `t`, in the type that it is to have; of one that is added, NULL.
std::string converted(const relation::candidate &c, const pg::table_column &column);

/// Makes the table as it will be, of the published rows that stay and those that came in: for one whose rows have to be
/// written anew. From then on it is published as one that was built as a whole. `replaced`: as compare_delta() takes
/// it.
void make_whole(relation::candidate &c, const std::string &replaced, workshop &shop);

} // namespace barometre::model::transform
