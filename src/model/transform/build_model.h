#pragma once

#include "model/transform/build.h"

namespace barometre::model::transform {

/// What the making of a model needs of the call.
struct making {
    const project::project &p;
    const graph::dag &nodes; ///< what reads what, as it is built
    workshop &shop;
    bool full_refresh = false;
    bool keeps_same = false; ///< where readers have the same rows already, no private table is needed
};

/// Makes the private table or view of a model, or, of a table that nobody has yet, the table itself. Of an incremental
/// model and a snapshot it is compared with what readers have, as far as that decides what they are to become. `b`:
/// what was built so far.
relation::candidate make_version(const making &w, built &b, input_reader &inputs, const project::model &m);

/// The same, and finds out how it differs from what readers have. What is the same is given back.
relation::candidate build_model(const making &w, built &b, input_reader &inputs, const project::model &m);

} // namespace barometre::model::transform
