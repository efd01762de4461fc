#pragma once

#include "core/project/project.h"

#include <optional>
#include <string>
#include <vector>

namespace barometre::tap {

/// A tap, and those of its streams that a call names.
struct chosen {
    const project::tap *tap;
    std::vector<const project::stream *> streams;
    bool is_part = false; ///< not all of them
};

/// The streams that a call names: of a tap (empty: of all), all or some, tap by tap; of a tap each after the one that
/// its table lies beside. A stream may be named tap.stream,
/// also in the place of the tap. Throws unknown_name.
std::vector<chosen> choose(const project::project &p, const std::string &tap,
                           const std::optional<std::vector<std::string>> &names);

} // namespace barometre::tap
