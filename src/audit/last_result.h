#pragma once

#include "pg/spi.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace barometre::audit {

/// What a data test found when it ran last.
struct last_result {
    std::string status, message;
    pg::cell failures, tested_at;
};

/// By target and name, of those of which a result is kept.
std::map<std::pair<std::string, std::string>, last_result>
last_results(const std::vector<std::pair<std::string, std::string>> &tests);

} // namespace barometre::audit
