#pragma once

#include "model/relation/columns.h"
#include "registry/compile.h"

#include <string>
#include <vector>

/// Views that hang on what is published.
namespace barometre::model::relation {

struct dependent_view {
    std::string schema, name;
    std::string relation;        ///< both, as SQL writes it
    char kind;                   ///< 'v' view, 'm' materialized view
    const project::model *model; ///< null: somebody else's
};
/// Views that need one of `columns` of a node's relation (empty: any), and, from there on, all that hang on them; the
/// nearest first.
std::vector<dependent_view> dependent_views(const project::project &p, const std::string &node,
                                            const std::vector<std::string> &columns);

/// Throws `contract` when a view outside the project needs a column that would be removed or get another type: it names
/// the views and the commands to run; and when the table is partitioned by it. `node`: the model or seed.
void check_dependents(const project::project &p, const std::string &node, const column_change &change);

/// The same when the relation itself has to be made anew: `what` it can't do.
void check_views_on(const project::project &p, const std::string &node, const std::string &what);

} // namespace barometre::model::relation
