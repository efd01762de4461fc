#pragma once

#include "core/project/unit_test.h"
#include "pg/relations.h"

#include <string>
#include <vector>

/// Rows of unit tests as SQL.
namespace barometre::audit {

struct fixture_context {
    const project::fixture &rows;
    const std::vector<pg::table_column> &columns; ///< of what they stand for; of SQL they may not be known: empty
    std::string what;                             ///< for messages: input ref('x')
    project::place at;                            ///< where the test says it
};

enum class filling {
    all_columns, ///< also those that no row names, which are NULL
    exact_types, ///< those of the fixture alone, in types without a length, so that no value is changed by it
};

/// The query of rows that are written one by one. Throws where a value is none of its column's type.
std::string query_of_rows(const fixture_context &of, filling how);

/// The query of rows that SQL gives, which is rendered: with all columns, in their types.
std::string query_of_sql(const fixture_context &of, const std::string &sql);

/// The column of that name, in any case if no other has it. Throws with the nearest name when there is none; `who` says
/// the name, and `of` lacks it.
const pg::table_column &column_called(const std::vector<pg::table_column> &columns, const std::string &name,
                                      const std::string &who, const std::string &of, const project::place &at);

} // namespace barometre::audit
