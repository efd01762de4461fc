#include "load/planned_column.h"

namespace barometre::load {

std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan) {
    std::vector<std::size_t> out;
    for (const planned_column &c : plan)
        out.push_back(c.field);
    return out;
}

} // namespace barometre::load
