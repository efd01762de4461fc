#pragma once

#include "model/relation/candidate.h"
#include "pg/relations.h"

#include <string>
#include <vector>

namespace barometre::model::transform {

/// The columns that tell the rows of a model or seed apart, as far as anybody says so: its unique_key, else a column
/// with the data test unique, else a unique index of what is published. All of them are among `columns`.
struct row_key {
    row_key(const relation::candidate &c, const std::vector<pg::table_column> &columns);

    std::vector<std::string> columns; ///< empty: nobody says so
    std::string source;               ///< who does

    std::string text() const; ///< for people, as a clause
    std::string hint() const;
};

} // namespace barometre::model::transform
