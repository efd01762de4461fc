#pragma once

#include "core/graph/dag.h"
#include "core/project/project.h"
#include "pg/relations.h"

namespace barometre::model {

/// What must change in a published table for a model's new columns. Columns are told apart by name; their order in the
/// table stays what it was.
struct column_change {
    std::vector<std::string> removed;
    std::vector<pg::table_column> retyped, added;
    bool any() const { return !removed.empty() || !retyped.empty() || !added.empty(); }
    std::string text() const; ///< "+ a text, - b, c bigint"
};
column_change compare_columns(const std::vector<pg::table_column> &have, const std::vector<pg::table_column> &wanted);

/// Throws `contract` when a view outside the project needs a column that would be removed or get another type: it names
/// the views and the commands to run. `node`: the model or seed.
void check_dependents(const project::project &p, const std::string &node, const column_change &change);

/// The same when the relation itself has to be made anew: `what` it can't do.
void check_views_on(const project::project &p, const std::string &node, const std::string &what);

/// What hangs on a relation and would be lost with it: grants and comments; of a view also options and triggers, of a
/// materialized view also options and indexes.
class keepsakes {
public:
    keepsakes() = default;
    explicit keepsakes(const std::string &relation);
    void give_back(char kind) const; ///< to the relation of that name, which takes no other grants
    char kind() const { return kind_; }

private:
    char kind_ = 0;
    std::string relation_;
    std::vector<std::string> grants_, comments_, of_kind_;
    std::string comment_; ///< as a literal; empty: none
};

/// The options of a view, as a statement that sets them again; empty: none.
std::string options_of(const std::string &view);

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
    /// Makes a view that was taken again, unless something else is there by now. `kind`: another one than it had; 0: that.
    /// `same`: its rows are known to be the same.
    void restore(const std::string &node, char kind = 0, bool same = false);
    void restore_all(); ///< in the order of the graph

private:
    const project::project &p_;
    const graph::dag &nodes_;
    std::map<std::string, keepsakes> kept_;
};

} // namespace barometre::model
