#include "core/name/column_name.h"
#include "core/name/header.h"
#include "core/text/hash.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace barometre;
using texts = std::vector<std::string>;

namespace {

const texts reserved{"_baro_file", "xmin"};

/// Files of one stream, one after the other: what is remembered grows.
struct stream {
    std::vector<name::known_field> known;

    name::named_header read(const texts &header) {
        auto named = name::name_fields(header, known, reserved);
        if (named.doubt)
            return named;
        for (std::size_t i = 0; i < header.size(); ++i)
            if (named.known[i] == name::is_new)
                known.push_back(named.fields[i]);
            else if (known[named.known[i]].text.empty() && known[named.known[i]].header.empty())
                known[named.known[i]] = named.fields[i];
        return named;
    }
    texts names(const texts &header) { return read(header).names; }
};

std::string marked(const std::string &base, const std::string &text, std::size_t digits = 8) {
    return base + "_" + text::hash(text).substr(0, digits);
}

} // namespace

TEST(Header, OrdinaryNamesAreMadeFromTheirTexts) {
    const auto named = name::name_fields({"id", " Code Postal\t", "\xC2\xA0oid", "É"}, {}, reserved);
    EXPECT_EQ(named.names, (texts{"id", "code_postal", "oid", "é"}));
    EXPECT_TRUE(named.renamed.empty());
}

TEST(Header, TwoColumnsWereSwappedWhoseNamesCameFromTheirPlaces) {
    const std::string longest(70, 'x');
    for (const auto &[one, other] : std::vector<std::pair<std::string, std::string>>{{"na!e", "na%e"},
                                                                                     {"nae", "n!ae"},
                                                                                     {"Date", "DATE"},
                                                                                     {longest + "1", longest + "2"},
                                                                                     {"xmin", "XMIN"},
                                                                                     {"%", "#"},
                                                                                     {"xmin", "v"},
                                                                                     {longest, "v"},
                                                                                     {"_baro_file", "_BARO_FILE"},
                                                                                     {"a b", "a\tb"}}) {
        stream s;
        const texts first = s.names({"id", one, other}), second = s.names({other, "id", one});
        EXPECT_EQ(first[1], second[2]) << one;
        EXPECT_EQ(first[2], second[0]) << one;
        EXPECT_NE(first[1], first[2]) << one;
        EXPECT_EQ(s.names({one}), texts{first[1]}) << one;
        EXPECT_EQ(s.names({other}), texts{first[2]}) << one;
        for (const std::string &n : first)
            EXPECT_LE(n.size(), 63u);
    }
}

TEST(Header, EachOfTextsThatCollideHasAHashOfItsOwn) {
    const auto named = name::name_fields({"na!e", "nae", "na%e"}, {}, reserved);
    EXPECT_EQ(named.names, (texts{marked("nae", "na!e"), marked("nae", "nae"), marked("nae", "na%e")}));
    ASSERT_EQ(named.renamed.size(), 3u);
    EXPECT_EQ(named.renamed[1].why, "another column is called \"nae\"");
    EXPECT_EQ(name::name_fields({"xmin"}, {}, reserved).renamed.at(0).why, "the name \"xmin\" is reserved");
}

TEST(Header, ANameWithAHashMayBeWhatAnotherFieldSays) {
    const std::string taken = marked("nae", "na!e");
    const auto names = name::name_fields({"na!e", "na%e", taken}, {}, reserved).names;
    EXPECT_EQ(names[2], marked(taken, taken));
    EXPECT_EQ(names[0], marked("nae", "na!e", 16));
    stream s;
    s.names({taken});
    EXPECT_EQ(s.names({"na!e", "na%e", taken})[2], taken);
}

TEST(Header, AnotherSpellingIsTheSameColumnWhereItCanBeNoOther) {
    stream s;
    s.names({"id", "Date"});
    EXPECT_EQ(s.names({"ID", "DATE"}), (texts{"id", "date"}));
    EXPECT_EQ(s.names({"id", "DATE", "Date"}), (texts{"id", marked("date", "DATE"), "date"}));
    EXPECT_EQ(s.names({"date"}), texts{marked("date", "date")}); // of two it could be either
    EXPECT_EQ(s.names({"DATE", "id"}), (texts{marked("date", "DATE"), "id"}));
}

TEST(Header, FieldsWithoutANameAreFoundUnderTheirHeaderAlone) {
    stream s;
    EXPECT_EQ(s.names({"id", "", "v", " "}), (texts{"id", "column_2", "v", "column_4"}));
    EXPECT_EQ(s.names({"id", "", "v", ""}), (texts{"id", "column_2", "v", "column_4"}));
    EXPECT_EQ(s.names({"v", "id"}), (texts{"v", "id"}));
    for (const texts &other :
         std::vector<texts>{{"id", "v", "", ""}, {"v", "", "id", ""}, {"", "id"}, {"id", "", "v"}}) {
        const auto doubt = s.read(other).doubt;
        ASSERT_TRUE(doubt);
        EXPECT_EQ(doubt->others, (texts{"column_2", "column_4"}));
    }
    s.known[1].counts = s.known[3].counts = false; // dropped anyway
    EXPECT_FALSE(s.read({"id", ""}).doubt);
    stream t;
    t.names({"id", "v"});
    EXPECT_EQ(t.names({"id", "v", ""}), (texts{"id", "v", "column_3"}));
    EXPECT_EQ(stream().names({"", "column_1"})[1], marked("column_1", "column_1"));
}

TEST(Header, HiddenFieldsAreTakenForNoOthers) {
    stream s;
    s.names({"name", "na!me"});
    for (name::known_field &f : s.known)
        f.name.clear();
    EXPECT_EQ(s.names({"na!me"}), texts{marked("name", "na!me")});
    stream t;
    t.names({"name"});
    t.known[0].name.clear();
    EXPECT_EQ(t.names({"NAME", "v"}), (texts{"name", "v"}));
}

TEST(Header, FieldNamesMaySayTheSameTwice) {
    stream s;
    const texts first = s.names({"id", "_", "_", "x"});
    EXPECT_EQ(std::count(first.begin(), first.end(), first[1]), 1);
    EXPECT_EQ(s.names({"id", "_", "_", "x"}), first);
}

TEST(Header, ColumnsOfTheFirstReleaseAreFoundWhereTheirNamesSayEnough) {
    const auto table = [](const texts &columns) {
        std::vector<name::known_field> known;
        for (const std::string &c : columns)
            known.push_back({c, "", "", ""});
        return stream{known};
    };
    EXPECT_EQ(table({"id", "v", "v_2"}).names({"V 2", "ID", "v"}), (texts{"v_2", "id", "v"}));
    EXPECT_EQ(table({"id", "_name"}).names({"id", " name"}), (texts{"id", "_name"}));
    EXPECT_EQ(table({"id", "v"}).names({"id", "v", "w!", "w?"})[2], marked("w", "w!"));
    const std::string longest(70, 'x');
    for (const auto &[columns, header] :
         std::vector<std::pair<texts, texts>>{{{"id", "nae", "nae_3"}, {"id", "na%e", "na!e"}},
                                              {{"id", "nae", "nae_3"}, {"id", "na%e"}},
                                              {{"id", "xmin_2"}, {"xmin", "id"}},
                                              {{"id", "column_2"}, {"", "id"}},
                                              {{"id", "column_2"}, {"%", "id"}},
                                              {{"id", longest.substr(0, 61) + "_2"}, {longest, "id"}},
                                              {{"a", "a_3_5", "a_3"}, {"a", "A"}}})
        EXPECT_TRUE(table(columns).read(header).doubt) << columns.back();
    // What another program made has no names from places.
    stream adopted{{{"t", "", text::hash("t"), ""}, {"t_2", "", text::hash("t_2"), ""}}};
    EXPECT_EQ(adopted.names({"T"}), texts{"t"});
}
