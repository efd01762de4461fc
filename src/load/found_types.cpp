#include "load/found_types.h"
#include "pg/row_packer.h"

#include <algorithm>

namespace barometre::load {

void found_types::add(std::size_t column, record::found_type so_far, record::found_type widest) {
    open_.push_back({column, so_far, widest});
}

void found_types::declare(std::size_t column, bool whole) {
    for (open_column &c : open_)
        if (c.column == column) {
            c.whole = whole && (c.whole || !c.is_declared);
            c.is_declared = true;
        }
}

void found_types::prefer_numeric(std::size_t column) {
    for (open_column &c : open_)
        c.prefers_numeric = c.prefers_numeric || c.column == column;
}

bool found_types::see(const std::vector<record::field> &fields, const std::vector<std::size_t> &sources) {
    bool wider = false;
    for (open_column &c : open_) {
        if (c.type == c.widest)
            continue;
        const record::field &f = pg::field_at(fields, sources[c.column]);
        if (f.is_null || (c.whole && f.type() == record::found_type::numeric &&
                          f.text.find_first_of(".eE") != std::string_view::npos))
            continue;
        record::found_type type = record::widen(c.type, f.type());
        if (type == record::found_type::bigint && c.prefers_numeric)
            type = record::found_type::numeric;
        if (c.widest == record::found_type::text && !record::holds(c.widest, type))
            type = c.widest;
        if (type == c.type || !record::holds(c.widest, type))
            continue;
        wider = true;
        c.type = type;
    }
    return wider;
}

std::optional<std::size_t> found_types::misfit(const std::vector<record::field> &fields,
                                               const std::vector<std::size_t> &sources) const {
    for (const open_column &c : open_)
        if (const record::field &f = pg::field_at(fields, sources[c.column]);
            !f.is_null && !c.is_declared && c.type != record::found_type::text && !record::holds(c.type, f.type()))
            return c.column;
    return std::nullopt;
}

bool found_types::has(std::size_t column) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](const open_column &c) { return c.column == column && !c.is_declared; });
}

bool found_types::has_unseen(std::size_t column) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](const open_column &c) { return c.column == column && c.type == record::found_type::none; });
}

void found_types::apply(std::vector<planned_column> &plan) const {
    for (const open_column &c : open_)
        plan[c.column].type = record::sql_name(c.type);
}

} // namespace barometre::load
