#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace barometre::name {

/// A header cell's column name: NFC first, then every character that is neither
/// letter, number, '_' nor white space is dropped, each run of white space
/// becomes one '_', and the rest is put in lower case. Uses ICU's Unicode data,
/// never the locale. May be empty. `header` must be valid UTF-8.
std::string column_name(std::string_view header);

/// In lower case and without accents, for a comparison of what was meant. Bytes that are no UTF-8 stay as they are.
std::string folded(std::string_view name);

/// A key of an object as a column's name: in lower case, and nothing else.
std::string key_name(std::string_view key);

/// Without white space at its ends, the same as there.
std::string trimmed(std::string_view header);

inline constexpr std::size_t longest_name = 63; ///< bytes: PostgreSQL's NAMEDATALEN - 1

/// The names that 0.1.0 gave to the columns of a header line: those that are empty, too long, taken by an earlier
/// column or `reserved` had the position of the column in them.
std::vector<std::string> names_by_place(const std::vector<std::string> &header,
                                        const std::vector<std::string> &reserved);

} // namespace barometre::name
