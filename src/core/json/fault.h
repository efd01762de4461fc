#pragma once

#include "core/error.h"

#include <cstddef>
#include <string>

namespace barometre::json {

/// Why a record or a value can't be read.
struct fault {
    static constexpr std::size_t no_field = static_cast<std::size_t>(-1);

    std::string reason;   ///< a clause
    std::string hidden{}; ///< the same where no value may be shown; empty: it shows none
    std::string path{};   ///< where, from the value that was looked at; empty: itself
    const char *sqlstate = "";
    std::size_t field = no_field;
    bool of_value =
        false; ///< the text is well formed, but for a value that JSON has no word for, or that no text can hold
};

/// What can be nested: more is a fault, as the server would say of most of it.
inline constexpr int deepest = 1000;

} // namespace barometre::json
