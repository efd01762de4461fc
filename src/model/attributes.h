#pragma once

#include "core/project/project.h"
#include "pg/relations.h"

namespace barometre::model {

/// What a published relation has beside its rows, as the project wants it. Kept with the build as JSON, to tell what
/// came from the project and is no more wanted.
struct attributes {
    std::string description = "{}"; ///< of the relation under "", of its columns by name
    std::string indexes = "[]";     ///< definitions as index_text() gives them
    std::string grants = "{}";      ///< privilege -> roles
    bool operator==(const attributes &) const = default;
};
attributes attributes_of(const project::model &m);
attributes attributes_of(const project::seed &s);

/// unique btree (day, "Place")
std::string index_text(const project::index_config &index);

/// Gives a published relation the comments, indexes and grants of the project, and takes away those that came from it and
/// are no more wanted. Indexes are named by the server, and known by their comment. What others gave it stays. `before`:
/// what was applied last; `anew`: nothing of it is there any more, or its columns are others. `kind`: as relation_kind(). A documented column that does not exist is a WARNING.
void apply_attributes(const project::model &m, char kind, const attributes &before, bool anew = false);
void apply_attributes(const project::seed &s, const std::string &schema, const attributes &before, bool anew = false);

/// Drops the project's indexes that hold one of these columns, which get other types: apply_attributes() makes those anew
/// that are still wanted. What they hold need not fit the new type, nor be unique in it.
void drop_indexes_on(const std::string &schema, const std::string &name, const std::vector<pg::table_column> &retyped);

/// Throws where apply_attributes() would for a relation with these columns: an index on none of them, a role that isn't there.
void check_attributes(const project::model &m, char kind, const std::vector<pg::table_column> &columns);

} // namespace barometre::model
