#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace barometre::load {

/// A column of the table, and the field it is made from.
struct planned_column {
    std::string name;
    std::string type; ///< as declared, or found; empty: to be found
    std::size_t field;
    bool md5 = false;
    bool required = false;
    std::vector<std::string> formats{}; ///< of dates and times
    char decimal = '.';
};

/// For each planned column, the number of its field.
std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan);

} // namespace barometre::load
