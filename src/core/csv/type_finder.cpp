#include "core/csv/type_finder.h"

namespace barometre::csv {

namespace {

/// What numeric has room for.
constexpr std::size_t most_digits = 131072, most_decimals = 16383;

} // namespace

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

found_type widen(found_type so_far, found_type seen) { return so_far < seen ? seen : so_far; }

const char *sql_name(found_type type) {
    switch (type) {
    case found_type::bigint:
        return "bigint";
    case found_type::numeric:
        return "numeric";
    default:
        return "text";
    }
}

} // namespace barometre::csv
