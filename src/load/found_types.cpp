#include "load/found_types.h"
#include "pg/row_packer.h"

#include <algorithm>

namespace barometre::load {

void found_types::add(std::size_t column, csv::found_type so_far, csv::found_type widest) {
    open_.push_back({column, so_far, widest});
}

bool found_types::see(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources) {
    bool wider = false;
    for (open_column &c : open_) {
        if (c.type == c.widest)
            continue;
        const csv::field &f = pg::field_at(fields, sources[c.column]);
        if (f.is_null)
            continue;
        const csv::found_type type = csv::widen(c.type, csv::type_of(f.text));
        if (type == c.type || type > c.widest)
            continue;
        wider = true;
        c.type = type;
    }
    return wider;
}

std::optional<std::size_t> found_types::misfit(const std::vector<csv::field> &fields,
                                               const std::vector<std::size_t> &sources) const {
    for (const open_column &c : open_)
        if (const csv::field &f = pg::field_at(fields, sources[c.column]); !f.is_null && csv::type_of(f.text) > c.type)
            return c.column;
    return std::nullopt;
}

bool found_types::has(std::size_t column) const {
    return std::any_of(open_.begin(), open_.end(), [&](const open_column &c) { return c.column == column; });
}

bool found_types::has_unseen(std::size_t column) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](const open_column &c) { return c.column == column && c.type == csv::found_type::none; });
}

void found_types::apply(std::vector<planned_column> &plan) const {
    for (const open_column &c : open_)
        plan[c.column].type = csv::sql_name(c.type);
}

} // namespace barometre::load
