#pragma once

#include "pg/relations.h"

#include <algorithm>
#include <string>
#include <vector>

namespace barometre::model::relation {

/// The column of that name; null: there is none.
template <class Column> const Column *find_column(const std::vector<Column> &columns, const std::string &name) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column &c) { return c.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

/// What must change in a published table for a model's new columns. Columns are told apart by name; their order in the
/// table stays what it was.
struct column_change {
    std::vector<std::string> removed;
    std::vector<pg::table_column> retyped, added;
    bool any() const { return !removed.empty() || !retyped.empty() || !added.empty(); }
    std::string text() const; ///< "+ a text, - b, c bigint"
};
column_change compare_columns(const std::vector<pg::table_column> &have, const std::vector<pg::table_column> &wanted);

/// Removes, converts and adds columns of a published table. Where values can't be converted they are NULL, until the
/// rows of the model replace them.
void alter_columns(const std::string &schema, const std::string &name, const column_change &change);

} // namespace barometre::model::relation
