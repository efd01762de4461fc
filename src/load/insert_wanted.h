#pragma once

#include "load/withheld.h"

#include <functional>

/// Inserting without the rows that the server refuses.
namespace barometre::load {

/// Told of a row that the server refuses for its table: its _baro_file, _baro_line, and why. May throw.
using refuse_row = std::function<void(std::int64_t file, std::int64_t line, const error &why)>;

/// Told of a row that was taken out: its _baro_file and _baro_line, and what more is asked for.
using take_row = std::function<void(const pg::result &row, const error &why)>;

/// Runs `insert`, which selects from `wanted`, with `rest` after it; rows that the table refuses are taken out of it,
/// and handed to `take` with the columns `more`. Throws when any other does not arrive. Gives how many were refused.
std::int64_t insert_wanted(const std::string &target, const std::string &wanted, const std::string &insert,
                           const std::string &rest, const std::string &more, const take_row &take,
                           const withholders &withheld);

take_row told_by_line(const refuse_row &refuse);

} // namespace barometre::load
