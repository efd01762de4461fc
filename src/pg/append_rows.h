#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Rows of values that are written into barometre's own tables by the thousand, past the planner and the executor.
namespace barometre::pg {

struct bytes_value {
    std::string_view bytes;
};
struct time_value {
    std::int64_t unix_us; ///< since 1970
};
/// NULL, an integer (of four or eight bytes), a text, a bytea or a timestamptz. What it views outlives it.
using appended_value = std::variant<std::monostate, std::int64_t, std::string_view, bytes_value, time_value>;

/// Inserts rows, of each its values in the order of `columns`, one after the other; an identity column that is not
/// among them gets its next values. Constraints, indexes and privileges are the server's own. False: nothing was done,
/// because there only INSERT does all that it has to, as where a trigger looks at each row. One for the statement
/// fires.
bool append_directly(const std::string &schema, const std::string &table, const std::vector<std::string> &columns,
                     const std::vector<appended_value> &values);

} // namespace barometre::pg
