#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace barometre::pg {

bool is_time_zone(const std::string &name);

/// Seconds east of Greenwich that a time zone's clocks show at a time (seconds since 1970-01-01 UTC), by the server's
/// rules. Throws project_invalid when there is no such zone.
std::function<std::int64_t(std::int64_t)> time_zone(const std::string &name);

std::int64_t now();     ///< seconds since 1970-01-01 UTC
std::string now_text(); ///< as the server writes a timestamptz

/// What the clocks of a time zone show at a time, with the zone's abbreviation: "11-25 02:30 CET", or "2024-11-25 CET"
/// when that is more than 300 days from now. Empty where no clock shows it.
std::string clock_text(std::int64_t seconds_since_1970, const std::string &zone);

/// A timestamptz as the server holds it (microseconds since 2000-01-01 UTC) as seconds since 1970-01-01 UTC, and the
/// other way.
std::int64_t seconds_since_1970(std::int64_t timestamptz);
std::int64_t timestamp_of(std::int64_t seconds_since_1970);
std::int64_t timestamp_of_us(std::int64_t microseconds_since_1970);

} // namespace barometre::pg
