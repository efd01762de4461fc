#pragma once

#include "model/state.h"
#include "pg/relations.h"

#include <string>
#include <vector>

namespace barometre::model::relation {

/// What the project wants a published relation to have beside its rows.
attributes attributes_of(const project::model &m);
attributes attributes_of(const project::seed &s);

/// What becomes comments, as it is kept: JSON.
std::string description_json(const std::string &description, const std::vector<project::column> &columns);
/// Makes the comments of a relation and its columns, and takes away those of `before` that are no more wanted. A
/// column that does not exist is a WARNING.
void describe(const std::string &schema, const std::string &name, char kind, const std::string &description,
              const std::vector<project::column> &columns, const std::string &before);

/// unique btree (day, "Place")
std::string index_text(const project::index_config &index);

/// Gives a published relation the comments, indexes and grants of the project, and takes away those that came from it
/// and are no more wanted. Indexes are named by the server, and known by their comment. What others gave it stays.
/// `before`: what was applied last; `anew`: nothing of it is there any more, or its columns are others. `kind`: as
/// relation_kind(). A documented column that does not exist is a WARNING.
void apply_attributes(const project::model &m, char kind, const attributes &before, bool anew = false);
void apply_attributes(const project::seed &s, const attributes &before, bool anew = false);

/// Whether the published table has just the indexes of the project's that apply_attributes() would leave it with.
bool has_its_indexes(const project::model &m);

/// Drops the project's indexes that hold one of these columns, which get other types: apply_attributes() makes those
/// anew that are still wanted. What they hold need not fit the new type, nor be unique in it.
void drop_indexes_on(const std::string &schema, const std::string &name, const std::vector<pg::table_column> &retyped);

/// Throws where apply_attributes() would for a relation with these columns: an index on none of them, a role that isn't
/// there.
void check_attributes(const project::model &m, char kind, const std::vector<pg::table_column> &columns);

} // namespace barometre::model::relation
