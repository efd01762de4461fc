#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace barometre::load {

/// Of a file's columns that something is to be said of, so many are named one by one.
inline constexpr std::size_t most_columns_told = 20;

/// A column of the table, and the field it is made from.
struct planned_column {
    std::string name;
    std::string type; ///< as declared, or found; empty: to be found
    std::size_t field;
    bool md5 = false;
    bool required = false;
    bool spreads = false;               ///< it is required because its value says at which node of a cluster a row is
    std::vector<std::string> formats{}; ///< of dates and times
    char decimal = '.';
    bool utc = false; ///< as pg::insert_column has it
};

/// Throws contract if a file, `what`, would make a table of too many columns; `hint`: how it can have fewer.
void check_width(const std::string &what, std::size_t columns, bool has_key, const std::string &hint);

/// The places of texts in a list, which outlives it. Of equal texts the first one counts.
class places {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    explicit places(const std::vector<std::string> &list);
    std::size_t operator[](const std::string &text) const;
    bool contains(const std::string &text) const { return at_.count(text) > 0; }

private:
    std::unordered_map<std::string_view, std::size_t> at_;
};

/// For each planned column, the number of its field.
std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan);

} // namespace barometre::load
