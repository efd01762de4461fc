#include "core/name/column_name.h"
#include "core/name/nearest.h"

#include <gtest/gtest.h>

using namespace barometre;
using name::column_name, name::name_columns;

TEST(ColumnName, KeepsLettersNumbersAndUnderscores) {
    EXPECT_EQ(column_name("Tags généraux : Information/Explication"), "tags_généraux_informationexplication");
    EXPECT_EQ(column_name("N° dossier"), "n_dossier");
    EXPECT_EQ(column_name("Date-début"), "datedébut");
    EXPECT_EQ(column_name(" Id "), "_id_");
    EXPECT_EQ(column_name("a \t b"), "a_b");
    EXPECT_EQ(column_name("%-!"), "");
}
TEST(ColumnName, IsComposedFirst) { EXPECT_EQ(column_name("E\xCC\x81tat"), "état"); }
TEST(ColumnName, LowerCaseDoesNotDependOnTheLocale) { EXPECT_EQ(column_name("ÉTAT ŒUVRE"), "état_œuvre"); }

TEST(ColumnNames, EmptyNamesAndCollisionsGetTheirPosition) {
    auto got = name::name_columns({"a", "", "A", "b", "a_3"});
    EXPECT_EQ(got.names, (std::vector<std::string>{"a", "column_2", "a_3", "b", "a_3_5"}));
    ASSERT_EQ(got.renamed.size(), 3u);
    EXPECT_EQ(got.renamed[0].why, "its name is empty");
    EXPECT_EQ(got.renamed[1].why, "another column is called \"a\"");
}
TEST(ColumnNames, LongNamesAreCutBetweenCharacters) {
    std::string accents;
    for (int i = 0; i < 40; ++i)
        accents += "é";
    auto got = name::name_columns({accents, accents});
    EXPECT_LE(got.names[0].size(), 63u);
    EXPECT_EQ(got.names[0].substr(got.names[0].size() - 2), "_1");
    EXPECT_EQ(got.names[0].size() % 2, 0u); // whole characters and "_1"
    EXPECT_NE(got.names[0], got.names[1]);
}
TEST(ColumnNames, ReservedNamesAreAvoided) {
    EXPECT_EQ(name::name_columns({"_baro_file"}, {"_baro_file"}).names[0], "_baro_file_1");
}
TEST(NearestName, FindsTheOneThatWasMeant) {
    EXPECT_EQ(name::nearest("tap-csv-ppel", {"tap_csv_ppel", "tap_csv_easiware"}), "tap_csv_ppel");
    EXPECT_EQ(name::nearest("delimeter", {"delimiter", "pattern"}), "delimiter");
    EXPECT_EQ(name::nearest("zzz", {"delimiter", "pattern"}), "");
}
