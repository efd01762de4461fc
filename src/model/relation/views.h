#pragma once

#include "core/graph/dag.h"
#include "core/project/project.h"
#include "model/relation/keepsakes.h"

#include <map>
#include <string>
#include <vector>

namespace barometre::model::relation {

/// Views of the project, of both kinds, that are taken away while what they read changes, and made again as the project
/// has them, with their grants.
class views_aside {
public:
    views_aside(const project::project &p, const graph::dag &nodes) : p_(p), nodes_(nodes) {}
    /// Drops the project's published views that need these columns of a node's table (all columns: empty), and those
    /// that hang on them.
    void take(const std::string &node, const std::vector<std::string> &columns);
    /// Drops one view, remembering what hangs on it.
    void take_view(const std::string &node);
    bool took(const std::string &node) const { return kept_.count(node) > 0; }
    /// Makes a view that was taken again, unless something else is there by now. `kind`: another one than it had; 0:
    /// that. `same`: its rows are known to be the same.
    void restore(const std::string &node, char kind = 0, bool same = false);
    void restore_all(); ///< in the order of the graph

private:
    const project::project &p_;
    const graph::dag &nodes_;
    std::map<std::string, keepsakes> kept_;
};

/// Makes or replaces a published view. One that can't be replaced is taken aside.
void publish_view(const project::project &p, const project::model &m, views_aside &aside);

} // namespace barometre::model::relation
