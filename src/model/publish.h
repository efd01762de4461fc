#pragma once

#include "core/project/project.h"
#include "job/run.h"

namespace barometre::model {

/// Makes table `name` hold exactly the rows of table `built` of the same schema,
/// and drops `built`. The table is changed by difference, so that it keeps its
/// identity and its readers see the old rows until the commit; columns that are
/// gone or new at the end are dropped and added. Only a table whose columns
/// changed otherwise is made anew. Never with CASCADE.
void publish_table(const std::string &schema, const std::string &name, const std::string &built, step &done);

/// Writes descriptions as comments. `kind`: 'r' table, 'v' view. A documented
/// column that does not exist is a WARNING.
void describe_table(const std::string &schema, const std::string &name, char kind, const std::string &description,
                    const std::vector<project::column> &columns);

/// Drops the relation, whatever its kind; an error of the server's, with a HINT,
/// when something hangs on it.
void drop_relation(const std::string &schema, const std::string &name, char kind);

} // namespace barometre::model
