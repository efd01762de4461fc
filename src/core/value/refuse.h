#pragma once

#include <string_view>

/// Knows beforehand what PostgreSQL refuses, whatever its version.
namespace barometre::value {

enum class kind {
    smallint,
    integer,
    bigint,
    numeric,
    float4,
    float8,
    boolean,
    date,
    timestamp,
    timestamptz,
    time,
    timetz,
    uuid
};

/// The SQLSTATE with which the server's input function surely refuses the text (valid
/// UTF-8 without NUL, no typmod), whatever DateStyle or TimeZone; nothing when it may
/// accept it, or when that is not sure. For speed only: a refusal by the server costs a
/// subtransaction. Complete but for dates and times, of which it knows the common cases.
const char *surely_refused(kind type, std::string_view text);

} // namespace barometre::value
