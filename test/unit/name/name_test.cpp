#include "core/name/column_name.h"
#include "core/name/nearest.h"

#include <gtest/gtest.h>

using namespace barometre;
using name::column_name;

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

TEST(NamesByPlace, AreThoseOfTheFirstRelease) {
    EXPECT_EQ(name::names_by_place({"a", "", "A", "b", "a_3", " x"}, {}),
              (std::vector<std::string>{"a", "column_2", "a_3", "b", "a_3_5", "_x"}));
    EXPECT_EQ(name::names_by_place({"_baro_file"}, {"_baro_file"})[0], "_baro_file_1");
    std::string accents;
    for (int i = 0; i < 40; ++i)
        accents += "é";
    const auto cut = name::names_by_place({accents, accents}, {});
    EXPECT_EQ(cut[0].substr(cut[0].size() - 2), "_1");
    EXPECT_EQ(cut[0].size() % 2, 0u); // whole characters and "_1"
    EXPECT_NE(cut[0], cut[1]);
}
TEST(NearestName, FindsTheOneThatWasMeant) {
    EXPECT_EQ(name::nearest("tap-csv-ppel", {"tap_csv_ppel", "tap_csv_easiware"}), "tap_csv_ppel");
    EXPECT_EQ(name::nearest("delimeter", {"delimiter", "pattern"}), "delimiter");
    EXPECT_EQ(name::nearest("zzz", {"delimiter", "pattern"}), "");
    EXPECT_EQ(name::nearest("idd", {"t", "id"}), "id");
    EXPECT_EQ(name::nearest("a", {"b", "c"}), "");
    EXPECT_EQ(name::nearest("bb", {"b", "c"}), "b");
}
TEST(NearestName, LooksPastAccents) {
    EXPECT_EQ(name::nearest("ete", {"\u00e9t\u00e9", "an"}), "\u00e9t\u00e9");
    EXPECT_EQ(name::nearest("numero_reference", {"Num\u00e9ro_R\u00e9f\u00e9rence"}),
              "Num\u00e9ro_R\u00e9f\u00e9rence");
    EXPECT_EQ(name::nearest("e\u0301te\u0301", {"ete"}), "ete");
    EXPECT_EQ(name::nearest("\xff\xff", {"ete"}), "");
}
TEST(NearestName, IsNoOtherShortName) {
    EXPECT_EQ(name::nearest("id", {"id_new", "t"}), "id_new");
    EXPECT_EQ(name::nearest("id_new", {"id", "t"}), "id");
    EXPECT_EQ(name::nearest("id", {"t", "v"}), "");
    EXPECT_EQ(name::nearest("id", {"id_new", "id_old"}), "");
    EXPECT_EQ(name::nearest("id", {"paid", "new_id"}), "new_id");
    EXPECT_EQ(name::nearest("abc", {"xyz", "t"}), "");
}
