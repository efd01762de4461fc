#include "load/planned_column.h"
#include "core/error.h"
#include "core/project/project.h"

namespace barometre::load {

void check_width(const std::string &what, std::size_t columns, bool has_key, const std::string &hint) {
    if (columns > project::most_columns(has_key))
        throw error(sqlstate::contract, what + " would make a table of " + std::to_string(columns) + " columns",
                    "A table may have " + std::to_string(project::most_columns(has_key)) +
                        ": 1600 in PostgreSQL, less those that a load adds.",
                    hint);
}

places::places(const std::vector<std::string> &list) {
    at_.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i)
        at_.emplace(list[i], i);
}

std::size_t places::operator[](const std::string &text) const {
    const auto found = at_.find(text);
    return found == at_.end() ? none : found->second;
}

std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan) {
    std::vector<std::size_t> out;
    for (const planned_column &c : plan)
        out.push_back(c.field);
    return out;
}

} // namespace barometre::load
