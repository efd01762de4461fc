#pragma once

#include "core/value/fault.h"
#include "load/planned_column.h"

#include <string>
#include <string_view>

namespace barometre::load {

/// How values like this one, which has that fault, can be loaded into the column: a sentence without its end; empty: it
/// has none of these faults. Nothing of the value is shown but how it is written.
std::string hint_for(const planned_column &column, value::fault fault, std::string_view text);

} // namespace barometre::load
