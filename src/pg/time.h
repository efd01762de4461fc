#pragma once

#include "pg/guard.h"

#include <cstdint>

namespace barometre::pg {

bool is_time_zone(const std::string &name);

/// Seconds east of Greenwich that a time zone's clocks show at a time (seconds since 1970-01-01 UTC), by the server's rules.
/// Throws project_invalid when there is no such zone.
std::function<std::int64_t(std::int64_t)> time_zone(const std::string &name);

std::int64_t now();     ///< seconds since 1970-01-01 UTC
std::string now_text(); ///< as the server writes a timestamptz

std::int64_t seconds_since_1970(TimestampTz t);
TimestampTz timestamp_of(std::int64_t seconds_since_1970);

} // namespace barometre::pg
