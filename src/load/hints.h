#pragma once

#include "core/value/fault.h"
#include "load/planned_column.h"

#include <string>
#include <string_view>

namespace barometre::load {

/// What follows upon "is not of type ...": how the column's values are written, or what is wrong with this one.
std::string clause_for(const planned_column &column, value::fault fault, value::date_order order);

/// How values like this one, which has that fault, can be loaded into the column: a sentence without its end; empty:
/// nothing is known. Nothing of the value is shown but how it is written.
std::string hint_for(const planned_column &column, value::fault fault, std::string_view text);

} // namespace barometre::load
