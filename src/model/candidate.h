#pragma once

#include "core/graph/dag.h"
#include "run/record.h"
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
    char kind = 'r';              ///< what it is to be published as: 'r' table, 'v' view, 'm' materialized view
    char published = 0;           ///< kind of what readers have now; 0: nothing
    bool same_definition = false; ///< the view, of either kind, that readers have is defined like that
    std::string built;            ///< name of the private relation; empty: it was made in its place
    bool has_data = true;         ///< what readers have is no materialized view WITH NO DATA
    bool hook_wrote = false;      ///< a pre_hook changed rows of the published table
    bool is_delta = false;        ///< `built` holds only the rows that come in; those that `rows` says go
    pg::oid target = pg::no_oid; ///< what readers have now
    column_change columns;
    std::shared_ptr<const pg::row_difference> rows = std::make_shared<pg::row_difference>();
    std::shared_ptr<pg::seen_state> compared_at; ///< what the comparison saw
    build_record record;
    std::vector<input> inputs;
    std::map<std::string, std::string> read_published; ///< see model_inputs
    run::step done;

    bool is_table_again() const { return published == 'r' && kind == 'r'; }
    bool rows_differ() const { return !rows->gone.empty() || !rows->missing.empty(); }
    /// Whether readers will see something else, so that what hangs on it is stale.
    bool changes() const {
        if (is_table_again())
            return columns.any() || rows_differ() || hook_wrote;
        return !same_definition || (kind == 'm' && (rows_differ() || !has_data));
    }
};

/// Finds out what the publication of a table or materialized view will change. Throws `contract` when a view of somebody
/// else stands in the way.
void compare_with_published(const project::project &p, candidate &c);

/// The same of a table whose `built` holds only the rows that come in. `replaced`: an SQL condition for the published rows,
/// as `t`, whose place they take. The node is read from now on as it will be.
void compare_delta(candidate &c, const std::string &replaced, workshop &shop);

/// Publishes all, which come in the order of the graph, and keeps what is known of the builds. `snapshot`: what they saw.
/// `at` is the candidate that is being worked on, for whoever catches an error.
void publish(const project::project &p, const graph::dag &nodes, std::vector<candidate> &all, const std::string &snapshot, const candidate *&at);

} // namespace barometre::model
