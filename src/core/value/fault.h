#pragma once

#include "core/value/refuse.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Knows what PostgreSQL would read, but not as it was meant: what says something else on another day or on another
/// server, and what says more than its type keeps.
namespace barometre::value {

/// How dates that don't begin with their year are written in the whole project; none: there are no such dates.
enum class date_order { none, dmy, mdy, ymd };
const char *date_style(date_order order); ///< as the server's DateStyle

enum class fault {
    none,
    form,      ///< a time in no ISO form, and in none that the order allows; among them words like "today"
    offset,    ///< a time with an offset from UTC, which its type drops
    no_offset, ///< a time without one, of a type that would add that of today
    notation   ///< a number such as 0x10 or 1_000, which some versions of the server read
};

/// What is wrong with a text (valid UTF-8 without NUL) of that type. Other faults are the server's to find: a text that
/// names no day, for example.
fault fault_of(kind type, std::string_view text, date_order order);

/// A type, as far as its values hold others.
struct shape {
    enum class form { plain, array, range, multirange, row };
    form is = form::plain;
    std::optional<kind> type{};  ///< of a plain one; nothing: no text of it has a fault
    char delimiter = ',';        ///< of an array
    std::vector<shape> parts{};  ///< of a row; the others have one
    bool can_have_fault() const; ///< else its texts need no look
};

/// The first fault in a text of that type, or in the texts that it holds. Texts that are not of the type's form are the
/// server's to refuse.
fault fault_within(const shape &type, std::string_view text, date_order order);

const char *sqlstate_of(fault f);
/// What follows upon "is not of type ...".
std::string clause_of(fault f, date_order order);

/// The formats in which a date like 05/12/2026, perhaps with a time, can be read: day first, month first.
std::optional<std::array<std::string, 2>> formats_for(std::string_view text);

} // namespace barometre::value
