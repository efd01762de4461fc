#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace barometre::csv {

/// The type of a seed's column that has none declared, found from its values as dbt finds it: the first of these that
/// fits them all. Numbers are what they are in streams (type_finder.h).
///   bigint, numeric
///   date         2024-01-31, also 2024-1-31
///   timestamp    2024-01-31 10:00:00, with a space
///   timestamp    2024-01-31T10:00, with a T, no zone; seconds and their decimals if there are any
///   timestamptz  the same with a zone, for which dbt has no type
///   boolean      true and false, in any letter case
///   text
class seed_type {
public:
    explicit seed_type(char decimal = '.') : decimal_(decimal) {}
    void see(std::string_view value);
    std::string sql_name() const;
    std::vector<std::string> formats() const; ///< of its dates and times; empty: as the server reads them
    bool is_number_or_text() const;           ///< what a stream's column may be found to be

private:
    char decimal_;
    bool seen_ = false;
    unsigned fits_ = ~0u; ///< a bit a type of those above
};

} // namespace barometre::csv
