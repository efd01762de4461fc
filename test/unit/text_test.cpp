#include "core/text/hash.h"

#include <gtest/gtest.h>

using namespace barometre;

// As xxhsum -H128 gives it: what was hashed by an earlier release is hashed alike.
TEST(TextHash, IsThatOfXxh3InItsCanonicalForm) {
    EXPECT_EQ(text::hash(""), "99aa06d3014798d86001c324468d497f");
    EXPECT_NE(text::hash("a"), text::hash(std::string("a\0", 2)));
}
