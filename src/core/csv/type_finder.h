#pragma once

#include "core/csv/record_reader.h"

#include <vector>

namespace barometre::csv {

/// The types that are found from values; anything else must be declared.
enum class found_type { none, bigint, numeric, text }; ///< none: no value seen (becomes text)

/// The narrowest type that one non-NULL value fits:
///   -?(0|[1-9][0-9]{0,17})           bigint
///   the same with more digits         numeric
///   -?(0|[1-9][0-9]*)\.[0-9]+         numeric
///   anything else (01, +5, 1e5, ...)  text
found_type type_of(std::string_view value);

/// Widens `so_far` so that it holds `seen` as well.
found_type widen(found_type so_far, found_type seen);

/// SQL name: bigint, numeric or text (none gives text).
const char *sql_name(found_type type);

} // namespace barometre::csv
