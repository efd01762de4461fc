#pragma once

#include "core/graph/dag.h"
#include "model/transform/audit.h"

#include <string>
#include <vector>

namespace barometre::model::transform {

/// What readers have now.
struct published {
    std::vector<relation::candidate> candidates; ///< with what was done
    omissions omitted;                           ///< those of the audit, and what could not be published
};

/// Publishes what was built and not left out.
published publish(work &w, const built &b, const audited &a);

/// Publishes all, which come in the order of the graph, and keeps what is known of the builds. `snapshot`: what they
/// saw. `at` is the candidate that is being worked on, for whoever catches an error.
void publish_all(const project::project &p, const graph::dag &nodes, std::vector<relation::candidate> &all,
                 const std::string &snapshot, const relation::candidate *&at);

} // namespace barometre::model::transform
