#include "core/value/fault.h"
#include "core/text/ascii.h"

#include <algorithm>

namespace barometre::value {

namespace {

using text::is_digit, text::is_letter, text::is_space, text::is_word;

std::string_view stripped(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

constexpr const char *months[] = {"january", "february", "march",     "april",   "may",      "june",
                                  "july",    "august",   "september", "october", "november", "december"};
constexpr const char *days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/// One of the names, or its first three letters.
template <std::size_t n> bool is_name(std::string_view text, const char *const (&names)[n]) {
    return std::any_of(names, names + n, [text](std::string_view name) {
        return is_word(text, name) || is_word(text, name.substr(0, 3));
    });
}

/// Takes parts of a date or time off the beginning of a text. What is not taken stays.
class reading {
public:
    explicit reading(std::string_view text) : rest_(stripped(text)) {}

    bool is_date = false, is_ordered = false;                    ///< is_ordered: one that does not begin with its year
    bool has_time = false, has_offset = false, has_half = false; ///< half: AM or PM
    std::size_t year_digits = 0, decimals = 0;
    bool has_seconds = false;
    char sign = 0; ///< between the numbers of a date

    /// [-]infinity, or a date, a time, or both; true: the whole text is that.
    bool all() {
        if (is_word(rest_, "infinity") || is_word(rest_, "-infinity"))
            return is_date = true;
        is_date = compact_date() || numbers() || named_date();
        if (is_date && !rest_.empty()) {
            const bool joined = rest_.size() > 1 && text::lower(rest_[0]) == 't' && is_digit(rest_[1]);
            if (joined)
                rest_.remove_prefix(1);
            const bool apart = !joined && spaces();
            has_time = (joined && compact_time()) || ((joined || apart) && time());
            if (!has_time && !is_word(rest_, "BC"))
                return false;
        } else if (!is_date) {
            has_time = compact_time() || time();
        }
        if (has_time) {
            spaces();
            has_half = word("AM") || word("PM");
            spaces();
            has_offset = word("Z") || word("UTC") || offset();
        }
        spaces();
        if (is_date)
            word("BC");
        return (is_date || has_time) && rest_.empty();
    }

private:
    bool spaces() {
        const std::size_t before = rest_.size();
        while (!rest_.empty() && is_space(rest_[0]))
            rest_.remove_prefix(1);
        return rest_.size() < before;
    }
    std::size_t digits() const {
        return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
    }
    bool take_digits(std::size_t least, std::size_t most) {
        const std::size_t n = digits();
        if (n < least || n > most)
            return false;
        rest_.remove_prefix(n);
        return true;
    }
    bool take(char c) {
        if (!rest_.starts_with(c))
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view letters() const {
        return rest_.substr(
            0, static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_letter) - rest_.begin()));
    }
    bool word(std::string_view wanted) {
        if (!is_word(letters(), wanted))
            return false;
        rest_.remove_prefix(wanted.size());
        return true;
    }

    bool compact_date() { return take_digits(8, 8); } // YYYYMMDD

    /// YYYY-MM-DD, with one of - / . twice; or three numbers whose order has to be known.
    bool numbers() {
        const std::string_view before = rest_;
        const std::size_t first = digits();
        if (take_digits(1, 6) && !rest_.empty() && std::string_view("-/.").find(rest_[0]) != std::string_view::npos) {
            sign = rest_[0];
            rest_.remove_prefix(1);
            if (take_digits(1, 2) && take(sign)) {
                year_digits = digits();
                is_ordered = first < 4;
                if (is_ordered ? first <= 2 && year_digits != 3 && take_digits(1, 4) : take_digits(1, 2))
                    return true;
            }
        }
        rest_ = before;
        sign = 0;
        return is_ordered = false;
    }

    /// A day, a month's English name and a year in some order, perhaps after the name of the day.
    bool named_date() {
        const std::string_view before = rest_;
        const auto signs = [&] {
            const std::size_t n = std::min(rest_.find_first_not_of(" -/.,"), rest_.size());
            rest_.remove_prefix(n);
            return n > 0 && n <= 3;
        };
        if (const std::string_view day = letters(); is_name(day, days)) {
            rest_.remove_prefix(day.size());
            signs();
        }
        int names = 0, part = 0;
        for (; part < 3 && (part == 0 || signs()); ++part) {
            const std::string_view name = letters();
            if (is_name(name, months) || is_word(name, "sept")) {
                rest_.remove_prefix(name.size());
                ++names;
            } else if (!take_digits(1, 4)) {
                break;
            }
        }
        is_ordered = part == 3 && names == 1;
        if (!is_ordered)
            rest_ = before;
        return is_ordered;
    }

    /// H:MM[:SS[.decimals]]. (The server reads 01:15.5 as minutes and seconds.)
    bool time() {
        const std::string_view before = rest_;
        if (take_digits(1, 2) && take(':') && take_digits(2, 2)) {
            has_seconds = take(':');
            if (has_seconds ? take_digits(2, 2) && take_decimals() : !rest_.starts_with('.'))
                return true;
        }
        rest_ = before;
        return false;
    }
    /// HHMM[SS[.decimals]], after the T of a date; HHMMSS alone
    bool compact_time() { return (is_date && take_digits(4, 4)) || (take_digits(6, 6) && take_decimals()); }
    bool take_decimals() {
        if (!take('.'))
            return true;
        decimals = digits();
        return take_digits(1, rest_.size());
    }
    /// +HH, +HHMM, +HH:MM, +HH:MM:SS
    bool offset() {
        const std::string_view before = rest_;
        const auto more = [&](auto &&then) { return !take(':') || (take_digits(2, 2) && then()); };
        if ((take('+') || take('-')) &&
            (take_digits(4, 4) || (take_digits(1, 2) && more([&] { return more([] { return true; }); }))))
            return true;
        rest_ = before;
        return false;
    }

    std::string_view rest_;
};

fault fault_of_time(kind type, std::string_view text, date_order order) {
    reading written(text);
    if (!written.all())
        return fault::form;
    const bool of_day = type == kind::time || type == kind::timetz;
    if (of_day ? written.is_date : !written.is_date)
        return fault::form;
    if (order == date_order::none && (written.is_ordered || (written.has_half && !of_day)))
        return fault::form;
    const bool keeps_offset = type == kind::timestamptz || type == kind::timetz;
    if (written.has_offset && !keeps_offset)
        return fault::offset;
    return type == kind::timetz && !written.has_offset ? fault::no_offset : fault::none;
}

/// 0x1F, 0o17, 0b1, 1_000: integers to servers from version 16 on, and the first to strtod.
fault fault_of_number(std::string_view text) {
    text = stripped(text);
    if (text.starts_with('-') || text.starts_with('+'))
        text.remove_prefix(1);
    const bool has_base = text.size() > 1 && text[0] == '0' && is_letter(text[1]) && text::lower(text[1]) != 'e';
    return has_base || text.find('_') != std::string_view::npos ? fault::notation : fault::none;
}

} // namespace

const char *date_style(date_order order) {
    return order == date_order::dmy ? "ISO, DMY" : order == date_order::ymd ? "ISO, YMD" : "ISO, MDY";
}

fault fault_of(kind type, std::string_view text, date_order order) {
    switch (type) {
    case kind::date:
    case kind::timestamp:
    case kind::timestamptz:
    case kind::time:
    case kind::timetz:
        return fault_of_time(type, text, order);
    case kind::smallint:
    case kind::integer:
    case kind::bigint:
    case kind::numeric:
    case kind::float4:
    case kind::float8:
        return fault_of_number(text);
    case kind::boolean:
    case kind::uuid:
        break;
    }
    return fault::none;
}

const char *sqlstate_of(fault f) { return f == fault::notation ? "22P02" : "22007"; }

std::string clause_of(fault f, date_order order) {
    switch (f) {
    case fault::form:
        return std::string(" in an ISO form") + (order == date_order::none  ? ""
                                                 : order == date_order::dmy ? " or as day, month, year"
                                                 : order == date_order::mdy ? " or as month, day, year"
                                                                            : " or as year, month, day");
    case fault::offset:
        return ", which does not keep its offset from UTC";
    case fault::no_offset:
        return ", because it has no offset from UTC";
    case fault::notation:
    case fault::none:
        break;
    }
    return "";
}

std::optional<std::array<std::string, 2>> formats_for(std::string_view text) {
    reading written(text);
    if (!written.all() || !written.is_ordered || !written.sign || written.has_offset || written.has_half)
        return std::nullopt;
    const std::string sign(1, written.sign), rest = sign + (written.year_digits == 4 ? "YYYY" : "YY") +
                                                    (!written.has_time     ? ""
                                                     : written.decimals    ? " HH24:MI:SS.US"
                                                     : written.has_seconds ? " HH24:MI:SS"
                                                                           : " HH24:MI");
    return std::array{"DD" + sign + "MM" + rest, "MM" + sign + "DD" + rest};
}

} // namespace barometre::value
