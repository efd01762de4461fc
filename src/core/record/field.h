#pragma once

#include "core/record/found_type.h"

#include <string_view>

/// Records, whatever the format of their file is.
namespace barometre::record {

/// Where fields have margins: so many bytes may be read that end where a text ends, and so many that begin where it
/// begins; of NULL as well.
inline constexpr std::size_t margin_before = 8, margin_after = 16;

/// One field of a record. `text` is valid UTF-8 without NUL; it lives until the reader goes on to its next record.
struct field {
    std::string_view text;
    bool is_null = false; ///< by the rules of the format; `text` is then empty
    /// What the file says that the value is; none: it is told from its text.
    found_type said = found_type::none;

    /// The narrowest type that holds the value, which is not NULL.
    found_type type() const { return said == found_type::none ? type_of(text) : said; }
};

} // namespace barometre::record
