#pragma once

#include <compare>
#include <cstdint>

namespace barometre::pg {

/// Where a row of a heap table lies: its ctid, laid out as the server's own. Earlier places are less.
struct row_place {
    std::uint16_t block_high = 0, block_low = 0;
    std::uint16_t item = 0; ///< in its block, from 1
    auto operator<=>(const row_place &) const = default;
};

} // namespace barometre::pg
