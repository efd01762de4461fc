#pragma once

#include "model/relation/candidate.h"
#include "model/transform/work.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// Nodes that are left out: not published, or not even built.
struct omissions {
    std::map<std::string, std::string> why; ///< by node
    std::set<std::string> failed;           ///< by themselves, and not because of others
    bool has(const std::string &node) const { return why.count(node) > 0; }
    std::size_t count_failed() const;
};

/// Leaves out a node's new version, which must not be published, and what was built from it.
void leave_out(work &w, const std::vector<relation::candidate> &built, omissions &out, const std::string &node,
               const std::string &why);

/// Whether a node can be read: as it was built, or as it is published.
bool is_there(const work &w, const omissions &out, const std::string &node);

} // namespace barometre::model::transform
