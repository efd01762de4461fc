#include "core/sql/comparison.h"
#include "core/text/text.h"

namespace barometre::sql {

comparison comparison::by_text() {
    comparison out;
    out.as = "pg_catalog.text";
    return out;
}

std::string comparison::cast(const std::string &value) const {
    return as.empty() ? value : "CAST(" + value + " AS " + as + ")";
}

std::string comparison::joined(const std::string &one, const std::string &sign, const std::string &other) const {
    return cast(one) + " " + sign + " " + cast(other);
}

std::string comparison::equal(const std::string &one, const std::string &other) const {
    return joined(one, equals, other);
}

// The server hashes a long list.
std::string comparison::equal_any(const std::string &one, const std::vector<std::string> &others) const {
    return cast(one) + " " + equals + " ANY (ARRAY[" +
           text::join(others, ", ", [&](const std::string &other) { return cast(other); }) + "])";
}

std::string comparison::greater(const std::string &one, const std::string &other) const {
    return joined(one, exceeds, other);
}

// IS NULL would be true for a composite value of nothing but NULLs, too.
std::string comparison::distinct(const std::string &one, const std::string &other) const {
    return "((" + equal(one, other) + ") IS NOT TRUE AND pg_catalog.num_nonnulls(" + one + ", " + other +
           ") OPERATOR(pg_catalog.>) 0)";
}

} // namespace barometre::sql
