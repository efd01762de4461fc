#include "core/record/found_type.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

using namespace barometre::record;

TEST(FoundType, FollowsTheRule) {
    auto name = [](const char *value) { return std::string(sql_name(type_of(value))); };
    for (const char *value : {"0", "-0", "7", "-7", "123456789012345678"})
        EXPECT_EQ(name(value), "bigint") << value;
    for (const char *value : {"1234567890123456789", "1.5", "-0.25", "0.0"})
        EXPECT_EQ(name(value), "numeric") << value;
    for (const char *value :
         {"01", "+5", "1e5", " 12 ", "1,5", "2021-01-01", "", "-", ".5", "1.", "00.5", "1.2.3", "--1"})
        EXPECT_EQ(name(value), "text") << value;
    for (const char *value : {"0x10", "1_000", "0b1", "NaN", "Infinity", "inf"})
        EXPECT_EQ(name(value), "text") << value;
    EXPECT_EQ(name(std::string(131072, '9').c_str()), "numeric");
    EXPECT_EQ(name(std::string(131073, '9').c_str()), "text"); // numeric has no room for it
    EXPECT_EQ(name(("0." + std::string(16383, '1')).c_str()), "numeric");
    EXPECT_EQ(name(("0." + std::string(16384, '1')).c_str()), "text");
    EXPECT_EQ(std::string(sql_name(found_type::none)), "text");
    EXPECT_EQ(widen(found_type::text, found_type::bigint), found_type::text);
    EXPECT_EQ(widen(found_type::bigint, found_type::numeric), found_type::numeric);
}
TEST(FoundType, AColumnWidensToWhatHoldsAllOfItsValuesInWhateverOrderTheyCome) {
    using enum found_type;
    for (const auto &[one, other, both] : std::initializer_list<std::array<found_type, 3>>{
             {none, none, none},
             {none, boolean, boolean},
             {bigint, numeric, numeric},
             {boolean, bigint, text},
             {boolean, numeric, text},
             {text, numeric, text},
             {text, boolean, text},
             {jsonb, text, jsonb},
             {jsonb, boolean, jsonb},
             {jsonb, bigint, jsonb},
         }) {
        EXPECT_EQ(widen(one, other), both);
        EXPECT_EQ(widen(other, one), both);
        EXPECT_TRUE(holds(both, one) && holds(both, other));
    }
    for (const found_type a : {none, boolean, bigint, numeric, text, jsonb})
        for (const found_type b : {none, boolean, bigint, numeric, text, jsonb})
            for (const found_type c : {none, boolean, bigint, numeric, text, jsonb})
                EXPECT_EQ(widen(widen(a, b), c), widen(a, widen(b, c)));
    for (const found_type type : {boolean, bigint, numeric, text, jsonb})
        EXPECT_EQ(found_type_of(sql_name(type)), type);
    EXPECT_EQ(found_type_of("uuid"), none);
}
