#pragma once

#include "core/project/project.h"

#include <optional>
#include <string>
#include <vector>

namespace barometre::tap {

/// The streams that a call names: of a tap (empty: of all), all or some. A stream may be named tap.stream, also in the
/// place of the tap. Throws unknown_name.
std::vector<const project::stream *> choose(const project::project &p, const std::string &tap,
                                            const std::optional<std::vector<std::string>> &names);

} // namespace barometre::tap
