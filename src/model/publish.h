#pragma once

#include "core/project/project.h"
#include "job/run.h"
#include "model/columns.h"
#include "pg/row_difference.h"

namespace barometre::model {

/// Takes the table's rows to those of `built`, a private table of the same schema with the same columns, by what
/// `difference` says. Rows that are in both are neither written nor locked. In a table that foreign keys refer to, a
/// changed row is updated by its key.
void apply_difference(const std::string &schema, const std::string &name, const std::string &built, const pg::row_difference &difference);

/// Changes the table's columns, and replaces all rows by those of `built`.
void replace_with_columns(const std::string &schema, const std::string &name, const std::string &built, const column_change &change);

/// Makes a table of the columns and rows of `built`, where default privileges apply to it; gives how many rows.
std::int64_t publish_new(const std::string &schema, const std::string &name, const std::string &built);

/// Makes or replaces a published view.
void publish_view(const project::project &p, const project::model &m, views_aside &aside);

/// Waits until all tables can be locked exclusively, without making a queue of the readers that come meanwhile. Throws
/// `busy` after lock_timeout (when it is 0: a minute).
void lock_exclusively(const std::vector<Oid> &tables);

/// Writes descriptions as comments. `kind`: 'r' table, 'v' view. A documented
/// column that does not exist is a WARNING.
void describe_table(const std::string &schema, const std::string &name, char kind, const std::string &description,
                    const std::vector<project::column> &columns);

/// Drops the relation, whatever its kind; an error of the server's, with a HINT,
/// when something hangs on it.
void drop_relation(const std::string &schema, const std::string &name, char kind);

} // namespace barometre::model
