#pragma once

#include "core/graph/graph.h"
#include "job/run.h"
#include "model/columns.h"
#include "model/state.h"
#include "model/workshop.h"
#include "pg/row_difference.h"
#include "pg/seen_state.h"

namespace barometre::model {

/// A model or seed whose new version is made, but not yet published.
struct candidate {
    std::string node, schema, name;
    const project::model *model = nullptr; ///< one of the two
    const project::seed *seed = nullptr;
    bool view = false;     ///< to be published as a view
    bool same_view = false; ///< the view that readers have is that one already
    char published = 0;    ///< kind of what readers have now; 0: nothing
    std::string built;     ///< name of the private relation; empty: it was made in its place
    Oid target = InvalidOid; ///< what readers have now
    column_change columns;
    std::shared_ptr<const pg::row_difference> rows = std::make_shared<pg::row_difference>();
    std::shared_ptr<pg::seen_state> compared_at; ///< what the comparison saw
    build_record record;
    std::vector<input> inputs;
    std::map<std::string, std::string> read_published; ///< see model_inputs
    step done;

    bool is_table_again() const { return published == 'r' && !view; }
    bool rows_differ() const { return !rows->gone.empty() || !rows->missing.empty(); }
    /// Whether readers will see something else, so that what hangs on it is stale.
    bool changes() const { return same_view ? false : !is_table_again() || columns.any() || rows_differ(); }
};

/// Finds out what the publication of a table will change. Throws `contract` when a view of somebody else stands in the way.
void compare_with_published(const project::project &p, candidate &c);

/// Publishes all, which come in the order of the graph, and keeps what is known of the builds. `snapshot`: what they saw.
/// `at` is the candidate that is being worked on, for whoever catches an error.
void publish(const project::project &p, const graph &nodes, std::vector<candidate> &all, const std::string &snapshot, const candidate *&at);

} // namespace barometre::model
