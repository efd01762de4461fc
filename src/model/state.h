#pragma once

#include "core/graph/dag.h"
#include "core/graph/selection.h"
#include "model/attributes.h"
#include "model/inputs.h"
#include "registry/compile.h"

namespace barometre::model {

/// What barometre_internal.build holds of the last build of a model or seed, or of the project's functions.
struct build_record {
    pg::oid relation = pg::no_oid;
    std::string query;         ///< hash of the SQL, or of the seed's file
    std::string configuration; ///< hash
    attributes has;            ///< of the project's
    std::string always;        ///< why it is stale at each call; empty: it isn't
    std::string changed;       ///< which of its inputs changed since (of a view: that it did itself), as a clause; empty: none
    std::int64_t rows = -1;    ///< -1: a view
    std::string built;
};

/// By kind (model, seed, functions) and name. Inputs are compared with barometre_internal.change as the transaction sees it.
using build_records = std::map<std::pair<std::string, std::string>, build_record>;
build_records read_builds();

/// Writes a record, when all is published; `snapshot` is what the build saw (pg_current_snapshot() before it began). The inputs
/// have the OIDs of what is published.
void write_build(const std::string &kind, const std::string &name, const build_record &record, const std::vector<input> &inputs,
                 const std::string &snapshot);

/// Notes what a node that wasn't built has now.
void write_attributes(const std::string &kind, const std::string &name, const attributes &has);

/// Notes that a model's rows changed after others read them: those are built again by the next call.
void write_late_change(const std::string &name);

/// Notes that a view was made anew as it was, also for those who read it.
void write_remade_view(const std::string &name, pg::oid view);

std::string hash_text(const std::string &text);
std::string configuration_hash(const project::model &m);
/// Tells two versions of a model's SQL apart; of an incremental one, in both of its forms.
/// `sql` gives a form, by what is_incremental() is.
std::string query_hash(const project::model &m, const std::function<std::string(bool incremental)> &sql);
std::string functions_hash(const project::project &p);

/// Why a model, taken for itself, must be built again; empty: it needn't. `is_new`: it was never built, as far as is
/// known. `there`: find_nodes().
struct staleness {
    bool is_new = false;
    std::string reason;
    bool of_data = false; ///< only what it reads changed
};
staleness judge(const project::project &p, const project::model &m, const build_records &builds, const std::map<std::string, pg::oid> &there);

/// What a model is published as: 'r' table, 'v' view, 'm' materialized view; 0: nothing.
char published_kind(const project::model &m);

/// Whether a view has the columns that `sql` gives.
bool fits_columns(const project::model &m, const std::string &sql);

/// The input because of which a node can't be built, with the reason as a clause: stream "t.s" was never loaded.
/// `missing` tells which nodes are to be taken as not there.
std::optional<std::pair<std::string, std::string>> missing_input(const project::project &p, const graph::dag &nodes, const std::string &node,
                                                                 const std::function<bool(const std::string &)> &is_there);

/// The command that makes a missing input.
std::string cure(const project::project &p, const std::string &node);

} // namespace barometre::model
