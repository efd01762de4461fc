#pragma once

#include "core/project/findings.h"

#include <optional>
#include <string>

namespace barometre::project {

/// How the rows of a table are to be spread over the nodes of a cluster, as the project says it.
struct distribution {
    std::string by;     ///< the column whose values say at which node a row is; empty: there is none
    std::string beside; ///< of `by`: the node of the project whose equal values are to be at the same node; or empty
    bool reference = false; ///< all rows are at every node
    place at, beside_at;    ///< where that was said; of `beside` its own place

    // Known once the whole project is read.
    std::string beside_schema, beside_relation; ///< what the node is in the database
    std::optional<error> fault; ///< of a stream: because of this it can't be loaded. What else has one is blocked

    void lie_alone() { beside = beside_schema = beside_relation = ""; }
    bool is_said() const { return reference || !by.empty(); }
};

} // namespace barometre::project
