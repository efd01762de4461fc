#include "core/csv/seed_types.h"
#include "core/record/found_type.h"
#include "core/text/ascii.h"
#include "core/value/format.h"
#include "core/value/parse.h"

#include <algorithm>

namespace barometre::csv {

namespace {

using text::is_digit, text::is_word;

enum seed_bit : unsigned { whole, number, day, spaced_time, iso_time, iso_zoned, truth, any };
constexpr unsigned bit(seed_bit type) { return 1u << type; }

constexpr char day_format[] = "YYYY-MM-DD", time_format[] = "YYYY-MM-DD HH24:MI:SS";

record::found_type number_type(std::string_view value, char decimal) {
    if (decimal == '.')
        return record::type_of(value);
    std::string plain(value);
    if (plain.find('.') != plain.npos)
        return record::found_type::text;
    std::replace(plain.begin(), plain.end(), decimal, '.');
    return record::type_of(plain);
}

std::string_view without_spaces(std::string_view value) {
    const std::size_t from = value.find_first_not_of(" \t"), to = value.find_last_not_of(" \t");
    return from == value.npos ? std::string_view() : value.substr(from, to + 1 - from);
}

/// The types other than numbers that a value fits.
unsigned fitting(std::string_view value) {
    static const value::time_format days(day_format), times(time_format);
    value = without_spaces(value);
    if (value.empty())
        return 0;
    if (is_word(value, "true") || is_word(value, "false"))
        return bit(truth);
    if (!is_digit(value[0]))
        return 0;
    if (value.size() > 10 && value[10] == 'T')
        return value::parse_timestamp(value) ? bit(iso_time) : value::parse_timestamptz(value) ? bit(iso_zoned) : 0;
    return days.parse(value) ? bit(day) : times.parse(value) ? bit(spaced_time) : 0;
}

} // namespace

void seed_type::see(std::string_view value) {
    seen_ = true;
    if (fits_ == bit(any))
        return;
    switch (number_type(value, decimal_)) {
    case record::found_type::bigint:
        fits_ &= bit(whole) | bit(number) | bit(any);
        break;
    case record::found_type::numeric:
        fits_ &= bit(number) | bit(any);
        break;
    default:
        fits_ &= fitting(value) | bit(any);
    }
}

std::string seed_type::sql_name() const {
    static constexpr const char *names[] = {"bigint",
                                            "numeric",
                                            "date",
                                            "timestamp without time zone",
                                            "timestamp without time zone",
                                            "timestamp with time zone",
                                            "boolean",
                                            "text"};
    unsigned type = whole;
    while (type < any && !(fits_ & (1u << type)))
        ++type;
    return seen_ ? names[type] : "text";
}

std::vector<std::string> seed_type::formats() const {
    if (!seen_ || fits_ & (bit(whole) | bit(number)))
        return {};
    if (fits_ & bit(day))
        return {day_format};
    return fits_ & bit(spaced_time) ? std::vector<std::string>{time_format} : std::vector<std::string>();
}

bool seed_type::is_number_or_text() const { return !seen_ || fits_ & (bit(whole) | bit(number)) || fits_ == bit(any); }

} // namespace barometre::csv
