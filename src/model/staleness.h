#pragma once

#include "core/graph/dag.h"
#include "model/state.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

/// What must be built again, and what can't be.
namespace barometre::model {

std::string configuration_hash(const project::model &m);
/// Tells two versions of a model's SQL apart; of an incremental one, in both of its forms.
/// `sql` gives a form, by what is_incremental() is.
std::string query_hash(const project::model &m, const std::function<std::string(bool incremental)> &sql);

/// Why a model, taken for itself, must be built again; empty: it needn't. `is_new`: it was never built, as far as is
/// known. `there`: find_nodes().
struct staleness {
    bool is_new = false;
    std::string reason;
    bool of_data = false; ///< only what it reads changed
};
staleness judge(const project::project &p, const project::model &m, const build_records &builds,
                const std::map<std::string, pg::oid> &there);

/// Why a seed must be loaded again; empty: it needn't. `hash`: of its file.
std::string reason_to_load(const project::seed &seed, const std::string &hash, const build_records &builds,
                           const std::map<std::string, pg::oid> &there);

/// Whether a view has the columns that `sql` gives.
bool fits_columns(const project::model &m, const std::string &sql);

/// The input because of which a node can't be built, with the reason as a clause: stream "t.s" was never loaded.
/// `is_there` tells which nodes are to be taken as there.
std::optional<std::pair<std::string, std::string>>
missing_input(const project::project &p, const graph::dag &nodes, const std::string &node,
              const std::function<bool(const std::string &)> &is_there);

/// The command that makes a missing input.
std::string cure(const project::project &p, const std::string &node);

} // namespace barometre::model
