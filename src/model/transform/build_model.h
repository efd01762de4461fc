#pragma once

#include "model/transform/build.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace barometre::model::transform {

/// The rows of a model, which are in a private table before it is made.
struct computed {
    std::string table; ///< its name, in the schema of the model
    std::int64_t rows = 0;
    double seconds = 0; ///< what they took, less what the model's turn has waited for them
};

/// What the making of a model needs of the call.
struct making {
    const project::project &p;
    const graph::dag &nodes; ///< what reads what, as it is built
    workshop &shop;
    bool full_refresh = false;
    bool keeps_same = false; ///< where readers have the same rows already, no private table is needed
    /// Of a table of which makes_table_of_query() holds: its rows, if somebody else computes them; see rows_ahead.
    std::function<std::optional<computed>(const relation::candidate &, const std::string &sql)> elsewhere = {};
};

/// What is known of a model and of what readers have before anything is made of it. Throws where it can't be replaced.
relation::candidate candidate_of(const built &b, const project::model &m);
/// Makes its schema if it is missing; throws where the place is a stranger's.
void claim_place(const project::model &m);
/// Throws where an input is not what it seems.
void check_reading(const project::project &p, const graph::dag &nodes, const project::model &m);

/// Whether the rows of the query are just those of the table that is made of it.
bool makes_table_of_query(const relation::candidate &c);
/// CREATE ... AS, up to the query: of the private relation `name`, or of one that is made in its place.
std::string creation_of(const relation::candidate &c, const std::string &name);

/// Makes the private table or view of a model, or, of a table that nobody has yet, the table itself. Of an incremental
/// model and a snapshot it is compared with what readers have, as far as that decides what they are to become. `b`:
/// what was built so far.
relation::candidate make_version(const making &w, built &b, input_reader &inputs, const project::model &m);

/// The same, and finds out how it differs from what readers have. What is the same is given back.
relation::candidate build_model(const making &w, built &b, input_reader &inputs, const project::model &m);

} // namespace barometre::model::transform
