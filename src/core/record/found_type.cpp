#include "core/record/found_type.h"

#include <utility>

namespace barometre::record {

found_type type_of(std::string_view value) {
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!value.empty() && value[0] == '-')
        value.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < value.size() && is_digit(value[digits]))
        ++digits;
    if (digits == 0 || digits > most_digits || (value[0] == '0' && digits > 1)) // a leading zero belongs to a code
        return found_type::text;
    if (digits == value.size())
        return digits <= 18 ? found_type::bigint : found_type::numeric;
    if (value[digits] != '.' || digits + 1 == value.size() || value.size() - digits - 1 > most_decimals)
        return found_type::text;
    for (std::size_t i = digits + 1; i < value.size(); ++i)
        if (!is_digit(value[i]))
            return found_type::text;
    return found_type::numeric;
}

found_type widen(found_type one, found_type other) {
    using enum found_type;
    if (one > other)
        std::swap(one, other);
    if (one == other || one == none || other == jsonb)
        return other;
    return one == bigint && other == numeric ? numeric : text;
}

namespace {

constexpr std::pair<found_type, const char *> names[] = {{found_type::text, "text"},
                                                         {found_type::boolean, "boolean"},
                                                         {found_type::bigint, "bigint"},
                                                         {found_type::numeric, "numeric"},
                                                         {found_type::jsonb, "jsonb"}};

} // namespace

const char *sql_name(found_type type) {
    for (const auto &[known, name] : names)
        if (known == type)
            return name;
    return "text";
}

found_type found_type_of(std::string_view sql_name) {
    for (const auto &[type, name] : names)
        if (sql_name == name)
            return type;
    return found_type::none;
}

} // namespace barometre::record
