#include "core/schedule/cron_expression.h"
#include "core/error.h"
#include "core/name/nearest.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace barometre::schedule {

namespace {

using names = std::vector<std::string>;

struct field {
    const char *what;
    int least, most;
    int first_name = 0; ///< what the first of the names stands for
    names known{};
    int last() const { return most == 7 ? 6 : most; } ///< Sunday is 0 and 7
};

const field cron_fields[] = {
    {"minute", 0, 59},
    {"hour", 0, 23},
    {"day of the month", 1, 31},
    {"month", 1, 12, 1, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
    {"day of the week", 0, 7, 0, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
};

const std::pair<const char *, const char *> intervals[] = {
    {"@hourly", "30 * * * *"}, {"@daily", "0 0 * * *"},  {"@weekly", "0 1 * * 0"},
    {"@monthly", "0 2 1 * *"}, {"@yearly", "0 3 1 1 *"},
};
const char once[] = "@once";

std::string listed_intervals() {
    std::string out;
    for (const auto &[name, expression] : intervals)
        out += std::string(name) + ", ";
    return out + once;
}

std::vector<std::string> split(const std::string &text, const char *separators) {
    std::vector<std::string> out;
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string::npos;) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}

std::string shown_range(int from, int to) {
    return std::to_string(from) + (from == to ? "" : "-" + std::to_string(to));
}

/// Reads one field of an expression.
class field_reader {
public:
    field_reader(const field &f, const std::string &whole, const std::string &text)
        : f_(f), whole_(whole), text_(text) {}

    /// Calls `take` with each number that the field names.
    template <class Take> void read(Take &&take) const {
        std::size_t begin = 0;
        do {
            const std::size_t comma = std::min(text_.find(',', begin), text_.size());
            read_part(text_.substr(begin, comma - begin), take);
            begin = comma + 1;
        } while (begin <= text_.size());
    }

private:
    template <class Take> void read_part(const std::string &part, Take &&take) const {
        const std::size_t slash = part.find('/');
        const std::string range = part.substr(0, slash);
        const std::size_t dash = range.find('-');
        int from = f_.least, to = f_.most, step = 1;
        if (range != "*") {
            from = number(range.substr(0, dash));
            to = dash == std::string::npos ? from : number(range.substr(dash + 1));
        }
        if (to < from)
            fail("the " + std::string(f_.what) + " can't go from \"" + range.substr(0, dash) + "\" to \"" +
                     range.substr(dash + 1) + "\"",
                 "Write two ranges: \"" + shown_range(from, f_.last()) + "," + shown_range(f_.least, to) + "\".");
        if (slash != std::string::npos) {
            // pg_cron knows no step behind a single number either.
            if (range != "*" && dash == std::string::npos)
                fail("a step of the " + std::string(f_.what) + " must follow * or a range",
                     "Write \"" + range + "-" + std::to_string(f_.most) + part.substr(slash) + "\".");
            step = whole_number(part.substr(slash + 1));
            if (step < 1 || step > f_.most)
                fail("the step of the " + std::string(f_.what) + " can't be \"" + part.substr(slash + 1) + "\"",
                     "A step is 1 to " + std::to_string(f_.most) + ".");
        }
        for (int n = from; n <= to; n += step)
            take(n);
    }

    /// -1: it is none.
    static int whole_number(const std::string &text) {
        int n = -1;
        auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
        return failure == std::errc() && end == text.data() + text.size() && text[0] != '-' ? n : -1;
    }

    int number(const std::string &text) const {
        std::string lower = text;
        for (char &c : lower)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        auto name = std::find(f_.known.begin(), f_.known.end(), lower);
        const int n =
            name == f_.known.end() ? whole_number(text) : f_.first_name + static_cast<int>(name - f_.known.begin());
        if (n >= f_.least && n <= f_.most)
            return n;
        std::string hint = "It is " + std::to_string(f_.least) + " to " + std::to_string(f_.most);
        if (!f_.known.empty())
            hint += ", or " + f_.known.front() + " to " + f_.known.back();
        fail("the " + std::string(f_.what) + " can't be \"" + text + "\"", hint + ".");
    }

    [[noreturn]] void fail(const std::string &message, const std::string &hint) const {
        throw error(sqlstate::project_invalid, "interval \"" + whole_ + "\": " + message, "", hint);
    }

    const field &f_;
    const std::string &whole_, &text_;
};

} // namespace

cron_expression::cron_expression(const std::string &text) {
    const std::vector<std::string> given = split(text, " \t");
    if (given.size() != fields_.size())
        throw error(sqlstate::project_invalid, "interval \"" + text + "\" is neither known nor five fields of cron",
                    given.size() > 1 ? "It has " + std::to_string(given.size()) + " fields." : "",
                    "Use one of " + listed_intervals() +
                        ", or minute, hour, day of the month, month and day of the week, such as '30 6 * * mon-fri'.");
    for (std::size_t i = 0; i < given.size(); ++i) {
        fields_[i] = given[i];
        starred_[i] = given[i].starts_with('*');
        field_reader(cron_fields[i], text, fields_[i]).read([&](int n) {
            const std::size_t bit = static_cast<std::size_t>(n);
            switch (i) {
            case 0:
                minutes_.set(bit);
                break;
            case 1:
                hours_.set(bit);
                break;
            case 2:
                days_.set(bit);
                break;
            case 3:
                months_.set(bit);
                break;
            default:
                weekdays_.set(bit % 7);
            }
        });
    }
}

bool cron_expression::matches(std::chrono::sys_days local_day) const {
    const std::chrono::year_month_day date(local_day);
    if (!has_month(date.month()))
        return false;
    const bool day = days_[static_cast<unsigned>(date.day())],
               weekday = weekdays_[std::chrono::weekday(local_day).c_encoding()];
    return starred_[2] || starred_[4] ? day && weekday : day || weekday;
}

bool cron_expression::asks_weekday_alone() const { return starred_[2] && days_.count() == 31 && months_.count() == 12; }

std::optional<cron_expression> parse_interval(const std::string &interval) {
    if (interval == once)
        return std::nullopt;
    names known{once};
    for (const auto &[name, expression] : intervals) {
        if (interval == name)
            return cron_expression(expression);
        known.push_back(name);
    }
    if (const std::string near = name::nearest(interval, known); interval.starts_with('@') && !near.empty())
        throw error(sqlstate::project_invalid, "interval \"" + interval + "\" is not known", "",
                    "Did you mean \"" + near + "\"?");
    return cron_expression(interval);
}

} // namespace barometre::schedule
