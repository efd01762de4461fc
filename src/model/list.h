#pragma once

#include "core/graph/dag.h"
#include "model/state.h"
#include "pg/spi.h"

#include <map>
#include <string>
#include <vector>

namespace barometre::model {

/// What a stream, seed, model or test is like.
struct node_state {
    std::string name, kind, materialized;
    std::string state;  ///< new, stale, current, blocked; of a test also its last result: pass, warn, fail, error, skip
    std::string reason; ///< of it, as a clause
    pg::cell rows, built;
    bool changes() const { return state == "new" || state == "stale"; }
};

/// Judges nodes one by one, each with what it reads.
class judging {
public:
    explicit judging(const project::project &p);

    const graph::dag &nodes() const { return nodes_; }
    const std::map<std::string, pg::oid> &there() const { return there_; }
    /// Whether a materialized view can be refreshed where it is.
    bool keeps_definition(const project::model &m) const;

    const node_state &of(const std::string &node);
    std::vector<node_state> of_selection(const std::string &selection); ///< in the order of the graph

private:
    void judge_model(const project::model &m, node_state &s);
    void judge_seed(const project::seed &seed, node_state &s) const;
    static void judge_source(const project::source_table &source, node_state &s);
    void judge_stream(node_state &s) const;
    bool reaches_change(const node_state &s);

    const project::project &p_;
    const graph::dag nodes_;
    build_records builds_;
    const std::map<std::string, pg::oid> there_;
    std::map<std::string, node_state> states_;
    std::map<std::string, bool> reaching_; ///< views and ephemeral models that were asked for
};

/// As SQL gives them: name, kind, materialized, state, reason, rows, built.
std::vector<pg::row> rows_of(const std::vector<node_state> &states);

/// The streams, seeds and models of a selection in dependency order. Where it asks for tests (resource_type:test, or
/// what only tests are called or tagged) also those, by their names after all else.
std::vector<pg::row> list_nodes(const project::project &p, const std::string &selection);

} // namespace barometre::model
