#pragma once

#include "pg/spi.h"

namespace barometre::pg {

/// Gives rows as the result of a set-returning function: each value is read by
/// its column's input function.
Datum return_rows(FunctionCallInfo fcinfo, const std::vector<row> &rows);

/// Arguments of SQL-callable functions.
std::string text_argument(FunctionCallInfo fcinfo, int n, const std::string &if_null = {});
std::optional<std::vector<std::string>> text_array_argument(FunctionCallInfo fcinfo, int n); ///< NULL elements are left out
bool bool_argument(FunctionCallInfo fcinfo, int n);


/// The table whose statement trigger is calling; throws when it is no such call.
Oid trigger_table(FunctionCallInfo fcinfo);

} // namespace barometre::pg
