#pragma once

#include "core/project/project.h"

#include <string>

namespace barometre::model::relation {

/// Makes a table of the columns and rows of `built`, where default privileges apply to it, spread as the node says.
void make_table(const project::relation_node &node, const std::string &name, const std::string &built);

/// Makes a view ('v') or materialized view ('m') as the project has it.
void make_view(const project::project &p, const project::model &m, char kind);

/// Fills a materialized view anew: without locking its readers out where it has a unique index that allows for it.
void refresh_view(const std::string &schema, const std::string &name);

/// Drops the relation, whatever its kind; an error of the server's, with a HINT,
/// when something hangs on it.
void drop_relation(const std::string &schema, const std::string &name, char kind);

} // namespace barometre::model::relation
