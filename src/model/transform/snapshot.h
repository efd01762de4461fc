#pragma once

#include "core/snapshot/snapshot_sql.h"
#include "model/relation/candidate.h"
#include "model/transform/workshop.h"
#include "pg/relations.h"
#include "pg/version_difference.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// What the columns of a snapshot's source and of its published table are.
snapshot::history find_history(const project::model &m, const std::vector<pg::table_column> &source, char published);

/// Runs the query of a snapshot, whose private table, without rows so far, is given: see pg::compare_versions().
using versions_compared = std::function<std::optional<pg::version_difference>(pg::oid, const pg::versions_kept &)>;

/// Makes the rows that come into the published table of a snapshot of those rows of its query that may be new or other
/// versions: `compare` puts them into `source`, a private table in its schema. Where there are none that table is
/// dropped, and the candidate stays. False: they were not to be found so, and `source` may have some. Throws as
/// build_versions().
bool build_changes(relation::candidate &c, const std::string &source, const versions_compared &compare, workshop &shop);

/// Makes the rows of a snapshot from `source`, a private table in its schema with what its SELECT gives now: the table
/// itself when there is none yet, else those that come into it, which are compared with those that end. Throws
/// `contract` for rows that can't be told apart.
void build_versions(relation::candidate &c, const std::string &source, workshop &shop);

} // namespace barometre::model::transform
