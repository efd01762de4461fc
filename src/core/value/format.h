#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Readers of values that are not written as the server writes them.
/// Spaces around a value are allowed everywhere: white space, and the spaces of
/// typography U+00A0, U+202F and U+2009.
namespace barometre::value {

/// How dates and times are written, in the server's to_char patterns of either case:
/// YYYY, YY (2000-2069, 1970-1999), MM, DD, HH24 or HH (both 0 to 23), MI, SS, and after
/// a separator MS or US, the decimals of a second (up to 3, up to 6). "Text in double
/// quotes" stands for itself, and so do T and all that is no letter of ASCII.
///
/// Each pattern stands once at most and none without the coarser ones: YYYY-MM names
/// the first day of a month, HH24 needs a day.
class time_format {
public:
    /// Throws std::invalid_argument, whose text is a clause: "XX" is no pattern (known are ...)
    explicit time_format(const std::string &pattern);

    /// Microseconds since 2000-01-01, of the day's beginning if `only_day`; nothing if the text is not written so, or
    /// if there is no such day or time. As to the server, 24:00 is the midnight that ends the day, and second 60 the
    /// next minute. MM, DD, HH24, MI and SS may have one digit, unless other digits stand right before or after:
    /// YYYYMMDD has eight.
    std::optional<std::int64_t> parse(std::string_view text, bool only_day = false) const;

    bool has_time() const { return timed; }

    /// Where the parts stand, in characters, in a text that has all its digits and no space around it.
    struct layout {
        struct place {
            unsigned at, digits; ///< at: from 0
        };
        std::vector<place> places; ///< the coarsest first
        unsigned length = 0;
    };
    layout full_layout() const;

private:
    struct piece {
        int part;                     ///< of a date or time; or `text` stands for itself
        unsigned least = 0, most = 0; ///< number of digits
        std::string text;
    };
    std::vector<piece> pieces;
    bool timed = false;
};

/// [sign]digits[`decimal` digits], as the server writes it: "1 234 567,50" with ',' gives
/// "1234567.50", ",5" gives "0.5". The sign is +, - or U+2212. Digits before the decimal
/// sign stand together, or in groups of three (the first: one to three) parted by one
/// space, of typography or not. Clears `to`, then writes into it; false: not of this
/// form, and `to` is empty.
bool plain_number(std::string_view text, char decimal, std::string &to);

/// oui, vrai; non, faux; in any letter case.
std::optional<bool> french_boolean(std::string_view text);

/// Days since 2000-01-01, year 1 to 9999; nothing if there is no such day.
std::optional<std::int32_t> day_number(unsigned year, unsigned month, unsigned mday);

} // namespace barometre::value
