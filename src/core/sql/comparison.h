#pragma once

#include <string>
#include <vector>

namespace barometre::sql {

/// How values of one type are compared: by operators that are named with their schema, so that what stands in the
/// search path changes nothing. Without more, by those of the server's own types.
struct comparison {
    std::string as;                                 ///< the type that both sides are cast to; empty: as they are
    std::string equals = "OPERATOR(pg_catalog.=)";  ///< of the type's default operator class
    std::string exceeds = "OPERATOR(pg_catalog.>)"; ///< empty: its values have no order

    bool operator==(const comparison &) const = default;

    /// Values of a type without equality, compared as text.
    static comparison by_text();

    std::string equal(const std::string &one, const std::string &other) const;    ///< NULL where a side is
    std::string distinct(const std::string &one, const std::string &other) const; ///< NULL is a value as any other
    /// Whether one value equals any of others, of which there is at least one; NULL where it is NULL.
    std::string equal_any(const std::string &one, const std::vector<std::string> &others) const;
    std::string greater(const std::string &one, const std::string &other) const; ///< NULL where a side is

private:
    std::string cast(const std::string &value) const;
    std::string joined(const std::string &one, const std::string &sign, const std::string &other) const;
};

} // namespace barometre::sql
