#pragma once

#include "model/transform/omissions.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// What was made of a selection, for nobody else to see yet.
struct built {
    std::string snapshot;                        ///< what it was made from
    build_records known;                         ///< the builds before this one
    std::map<std::string, pg::oid> there;        ///< the nodes that have a table or view, private ones apart
    node_oids nodes_there;                       ///< the same by OIDs, but for streams that others write; filled late
    std::vector<relation::candidate> candidates; ///< seeds first, then models in the order of the graph
    std::set<std::string> changed;               ///< built, and not what they were
    std::int64_t unchanged = 0;                  ///< models that need not be built
    omissions omitted;
    std::map<std::string, std::string> unit_tested; ///< models whose unit tests ran, and what one found; empty: nothing
    std::int64_t unit_tests = 0, unit_tests_skipped = 0;
};

/// Loads the seeds whose files changed, and builds the models that are stale, into private tables and views.
built build(work &w);

} // namespace barometre::model::transform
