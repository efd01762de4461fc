#include "core/sql/widening.h"
#include "core/text/text.h"

#include <cstddef>
#include <cstdlib>
#include <vector>

namespace barometre::sql {

namespace {

/// A type and what is said in parentheses: timestamp without time zone, 3.
struct modified_type {
    std::string base;
    std::vector<long> numbers; ///< none: it has none
};

modified_type parse_type(const std::string &type) {
    const std::size_t open = type.find('('), close = type.find(')');
    if (type.find('"') != std::string::npos || open == std::string::npos || close == std::string::npos)
        return {type, {}};
    modified_type out{type.substr(0, open) + type.substr(close + 1), {}};
    for (const char *at = type.c_str() + open; *at == '(' || *at == ',';) {
        char *end = nullptr;
        out.numbers.push_back(std::strtol(at + 1, &end, 10));
        at = end;
    }
    return out;
}

widening of_plain(const modified_type &type, const modified_type &other) {
    const std::vector<long> &a = type.numbers, &b = other.numbers;
    const auto wider = [&] { return b.empty() ? !a.empty() : !a.empty() && b[0] > a[0]; };
    if (type.base == "character varying" && other.base == "text")
        return widening::in_place;
    if (type.base != other.base)
        return widening::none;
    if (type.base == "character varying" || type.base == "bit varying" || type.base.starts_with("timestamp ") ||
        type.base.starts_with("time "))
        return wider() ? widening::in_place : widening::none;
    if (type.base == "character" || type.base == "interval")
        return wider() && (type.base == "interval" || !b.empty()) ? widening::rewritten : widening::none;
    if (type.base != "numeric" || a.size() != 2 || a == b)
        return widening::none;
    if (b.empty())
        return widening::in_place;
    if (b.size() != 2 || b[1] < a[1] || b[0] - b[1] < a[0] - a[1])
        return widening::none;
    return b[1] == a[1] ? widening::in_place : widening::rewritten;
}

} // namespace

widening widens_to(const std::string &type, const std::string &other) {
    if (type == other)
        return widening::none;
    modified_type a = parse_type(type), b = parse_type(other);
    if (!a.base.ends_with("[]"))
        return of_plain(a, b);
    if (!b.base.ends_with("[]"))
        return widening::none;
    a.base.resize(a.base.size() - 2);
    b.base.resize(b.base.size() - 2);
    return of_plain(a, b) == widening::none ? widening::none : widening::rewritten;
}

bool is_string(const std::string &type) {
    return text::contains(std::vector<std::string>{"character", "character varying", "text"}, parse_type(type).base);
}

std::string without_collation(const std::string &type) { return type.substr(0, type.find(" COLLATE ")); }

} // namespace barometre::sql
