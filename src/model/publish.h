#pragma once

#include "core/project/project.h"
#include "run/record.h"
#include "model/columns.h"

namespace barometre::model {

/// Removes, converts and adds columns of a published table. Where values can't be converted they are NULL, until the
/// rows of the model replace them.
void alter_columns(const std::string &schema, const std::string &name, const column_change &change);

/// Makes a table of the columns and rows of `built`, where default privileges apply to it; gives how many rows.
std::int64_t publish_new(const std::string &schema, const std::string &name, const std::string &built);

/// Makes a view ('v') or materialized view ('m') as the project has it.
void make_view(const project::project &p, const project::model &m, char kind);

/// Fills a materialized view anew: without locking its readers out where it has a unique index that allows for it.
void refresh_view(const std::string &schema, const std::string &name);

/// Makes or replaces a published view.
void publish_view(const project::project &p, const project::model &m, views_aside &aside);

/// Waits until all tables can be locked exclusively, without making a queue of the readers that come meanwhile. Throws
/// `busy` after lock_timeout (when it is 0: a minute).
void lock_exclusively(const std::vector<pg::oid> &tables);

/// Drops the relation, whatever its kind; an error of the server's, with a HINT,
/// when something hangs on it.
void drop_relation(const std::string &schema, const std::string &name, char kind);

} // namespace barometre::model
