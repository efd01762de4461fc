#pragma once

#include "core/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace barometre::name {

/// The nearest of `known` to `name` (edit distance, with '-' and '_' and letter
/// case counting as equal), else the only one that has its words and more, or some of them; or empty when none is near.
/// For HINTs.
std::string nearest(std::string_view name, const std::vector<std::string> &known);

/// unknown_name: that the project has no such `what` (tap, model, ...), with the nearest name or all of them.
error unknown(const std::string &what, const std::string &name, const std::vector<std::string> &known);

} // namespace barometre::name
