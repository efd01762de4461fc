#pragma once

#include "core/snapshot/snapshot_sql.h"
#include "model/relation/candidate.h"
#include "model/transform/workshop.h"
#include "pg/relations.h"

#include <string>
#include <vector>

namespace barometre::model::transform {

/// What the columns of a snapshot's source and of its published table are.
snapshot::history find_history(const project::model &m, const std::vector<pg::table_column> &source, char published);

/// Makes the rows of a snapshot from `source`, a private table in its schema with what its SELECT gives now: the table
/// itself when there is none yet, else those that come into it, which are compared with those that end. Throws
/// `contract` for rows that can't be told apart.
void build_versions(relation::candidate &c, const std::string &source, workshop &shop);

} // namespace barometre::model::transform
