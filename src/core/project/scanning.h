#pragma once

#include "core/project/findings.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What can be seen in texts that can't be read as what they are.
namespace barometre::project {

/// The names of the blocks that one of the words begins: {% macro NAME(... With each its word.
std::vector<std::pair<std::string, std::string>> blocks_in(const std::string &text,
                                                           const std::vector<std::string> &words);

/// The quoted names that calls of ref() and source() have as their arguments; of source() both.
struct call {
    std::string function;
    std::vector<std::string> names;
};
std::vector<call> references_in(const std::string &text);

/// The place that an error message begins with, such as models/a.sql:3:5, or that stands in its first brackets, such as
/// (models/a.sql, line 3).
std::optional<place> place_in(const std::string &message);

} // namespace barometre::project
