#pragma once

#include <cstdint>

namespace barometre::pg {

/// The server's number of a role, a relation or another object of the catalogs.
using oid = std::uint32_t;
inline constexpr oid no_oid = 0;

} // namespace barometre::pg
