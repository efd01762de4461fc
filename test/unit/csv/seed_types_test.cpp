#include "core/csv/seed_types.h"
#include "core/text/text.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

std::string found(const std::vector<std::string> &values, char decimal = '.') {
    csv::seed_type type(decimal);
    for (const std::string &value : values)
        type.see(value);
    std::string name = type.sql_name();
    name = name.starts_with("timestamp without") ? "timestamp"
           : name.starts_with("timestamp with")  ? "timestamptz"
                                                 : name;
    return name + (type.formats().empty() ? "" : " " + text::join(type.formats()));
}

} // namespace

// As dbt's type tester decides.
TEST(SeedTypes, DatesAndBooleansAreFound) {
    const std::string day = "date YYYY-MM-DD", spaced = "timestamp YYYY-MM-DD HH24:MI:SS";
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{}, "text"},
        {{"2024-01-31"}, day},
        {{"2024-01-31", "2023-2-1", " 0001-12-31 "}, day},
        {{"2024-02-29"}, day},
        {{"2023-02-29"}, "text"},
        {{"2024-01-31", "31/01/2024"}, "text"},
        {{"31/01/2024"}, "text"},
        {{"2024/01/31"}, "text"},
        {{"2024-01"}, "text"},
        {{"20240131"}, "bigint"},
        {{"24-01-31"}, "text"},
        {{"today"}, "text"},
        {{"infinity"}, "text"},
        {{"2024-01-31", "null"}, "text"},
        {{"2024-01-31", "1"}, "text"},
        {{"2024-01-31", "2024-01-31 10:00:00"}, "text"},
        {{"2024-01-31 10:00:00", "2024-01-31 9:05:07"}, spaced},
        {{"2024-01-31 10:00"}, "text"},
        {{"2024-01-31 10:00:00.5"}, "text"},
        {{"2024-01-31 10:00:00+02"}, "text"},
        {{"2024-01-31 25:00:00"}, "text"},
        {{"2024-01-31T10:00:00", "2024-01-31T10:00", "2024-01-31T10:00:00.125"}, "timestamp"},
        {{"2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00"}, "timestamptz"},
        {{"2024-01-31T10:00:00Z", "2024-01-31T10:00:00"}, "text"},
        {{"2024-01-31T10:00:00", "2024-01-31 10:00:00"}, "text"},
        {{"true", "False", "TRUE", " false"}, "boolean"},
        {{"true", "t"}, "text"},
        {{"true", "1"}, "text"},
        {{"yes", "no"}, "text"},
        {{"t", "f"}, "text"},
        {{"vrai", "faux"}, "text"},
        {{"1", "0"}, "bigint"},
        {{"true", "2024-01-31"}, "text"},
        {{"1", "2.5"}, "numeric"},
        {{"1", "x"}, "text"},
        {{"", "2024-01-31"}, "text"},
        {{"01"}, "text"},
        {{"1,5"}, "text"},
    };
    for (const auto &[values, wanted] : cases) {
        EXPECT_EQ(found(values), wanted) << text::join(values);
        EXPECT_EQ(found({values.rbegin(), values.rend()}), wanted) << text::join(values);
    }
}
TEST(SeedTypes, ADecimalCommaMakesNumbers) {
    EXPECT_EQ(found({"1,5", "-2", "0,25"}, ','), "numeric");
    EXPECT_EQ(found({"1", "2"}, ','), "bigint");
    EXPECT_EQ(found({"1.5"}, ','), "text");
    EXPECT_EQ(found({"1,234,5"}, ','), "text");
    EXPECT_EQ(found({"2024-01-31"}, ','), "date YYYY-MM-DD");
}
