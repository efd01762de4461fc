#pragma once

#include <string>

namespace barometre::sql {

enum class widening {
    none,     ///< it is no wider one
    in_place, ///< the server changes the type without writing the rows anew
    rewritten ///< it may write them anew, elsewhere
};

/// Whether `other` is the type `type` with more room, so that each value stays what it is: varchar(3) and varchar(6) or
/// text, numeric(6,2) and numeric(8,2). Types are as SQL writes them, without COLLATE; equal ones are no wider.
widening widens_to(const std::string &type, const std::string &other);

bool is_string(const std::string &type); ///< char, varchar or text, with or without a length

std::string without_collation(const std::string &type);

} // namespace barometre::sql
