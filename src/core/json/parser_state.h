#pragma once

#include "core/json/parsing.h"
#include "core/json/record_parser.h"

namespace barometre::json {

struct record_parser::state : parsing {
    std::vector<const key_tree::entry *> owners; ///< of the fields of this record
    std::vector<key_tree::entry *> added;        ///< that it was the first to have
    std::uint64_t record = 0;                    ///< its number
};

} // namespace barometre::json
