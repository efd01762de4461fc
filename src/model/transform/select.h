#pragma once

#include "core/graph/dag.h"
#include "core/project/project.h"
#include "pg/oid.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace barometre::model::transform {

struct options {
    std::string selection = "*";
    std::string exclude;        ///< empty: nothing
    bool full_refresh = false;  ///< everything is built, whether it is stale or not
    bool skip_failures = false; ///< a model that fails is left out with its descendants, and the rest goes on
};

/// What a transformation is about.
struct selected {
    graph::dag all, nodes;                                  ///< what reads what: with ephemeral models, and without
    std::set<std::string> models;                           ///< those that are built if they are stale
    std::set<std::string> blocked;                          ///< those that can't be used
    std::set<std::string> seeds;                            ///< those that are loaded for them, or for themselves
    std::vector<std::pair<std::string, std::string>> locks; ///< kind and name, in the order in which they are taken
    /// The tables of streams that are read at other nodes, each of which has a snapshot of its own: nobody may load
    /// them meanwhile. In the order in which a call loads them.
    std::vector<pg::oid> spread_sources;
};

/// Finds out what is selected, and which locks the work needs. May be in a transaction before the work's.
selected select(const project::project &p, const options &how);

/// Takes the locks, without a snapshot: the work sees all that was published before it got them.
void lock(const selected &what);

} // namespace barometre::model::transform
