#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace barometre::pg {

/// A PostgreSQL regular expression that a whole name must match. What may stand before one, as the server's manual has
/// it, does here as well: ***: and ***= and options like (?i).
class name_pattern {
public:
    /// Throws invalid_regular_expression, with the pattern as it was given.
    explicit name_pattern(const std::string &pattern);
    bool matches(const std::string &name) const;

private:
    std::string whole_, beginning_;      ///< of all names that match, as far as it is plain
    std::optional<std::size_t> literal_; ///< characters of a text that stands for itself, which is found anywhere
};

} // namespace barometre::pg
