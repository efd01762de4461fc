#pragma once

#include "model/transform/workshop.h"
#include "pg/relations.h"
#include "pg/row_difference.h"
#include "pg/spi.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// A line of baro_diff(): it counts rows, or shows one of them, or tells of a column.
struct change_line {
    std::string change;
    pg::cell key, column, published, built;
    std::optional<std::int64_t> rows;
};

/// What readers have and what they would have, compared as row_difference does it.
struct compared_rows {
    std::string what;                      ///< for messages: model "x"
    std::string schema;                    ///< where private tables are made
    std::vector<pg::table_column> columns; ///< that both sides have
    std::vector<std::string> key; ///< columns that tell a row from others; none: rows are told by all they hold
    std::string published, built; ///< tables: the places in `rows` are of these
    std::string all_built;        ///< `built` may hold only what comes in: what all rows are read from
    pg::row_difference rows;
};

/// Counts the rows that would go, come and change, each with at most so many examples; of those that change, column by
/// column. Rows are the same one by their key; where a key is missing or comes twice on a side, which a NOTICE tells,
/// they go and come. Throws 40001 where the published rows changed meanwhile.
std::vector<change_line> tell_rows(const compared_rows &c, workshop &shop, std::int64_t samples);

/// The same where nothing is published: all rows of `built` come.
std::vector<change_line> tell_new_rows(const std::string &built, const std::vector<pg::table_column> &columns,
                                       const std::vector<std::string> &key, std::int64_t samples);

} // namespace barometre::model::transform
