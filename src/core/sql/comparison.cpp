#include "core/sql/comparison.h"

namespace barometre::sql {

comparison comparison::by_text() {
    comparison out;
    out.as = "pg_catalog.text";
    return out;
}

std::string comparison::joined(const std::string &one, const std::string &sign, const std::string &other) const {
    if (as.empty())
        return one + " " + sign + " " + other;
    return "CAST(" + one + " AS " + as + ") " + sign + " CAST(" + other + " AS " + as + ")";
}

std::string comparison::equal(const std::string &one, const std::string &other) const {
    return joined(one, equals, other);
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
