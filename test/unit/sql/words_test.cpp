#include "core/sql/words.h"

#include <gtest/gtest.h>

using namespace barometre;
using words = std::vector<std::string>;

TEST(SqlWords, AreLowerCaseAndThereOnce) {
    EXPECT_EQ(sql::words("SELECT a, A, b1 FROM x.y$z"), (words{"a", "b1", "from", "select", "x", "y$z"}));
}

TEST(SqlWords, QuotedOnesAreKeptAsTheyAre) {
    EXPECT_EQ(sql::words(R"("User", "a""b", user)"), (words{"\"User", "\"a\"b", "user"}));
}

TEST(SqlWords, CommentsAndStringsAreNone) {
    EXPECT_EQ(sql::words("a -- b\n/* c /* d */ e */ 'f ''g' h"), (words{"a", "h"}));
    EXPECT_EQ(sql::words("E'it\\'s' x"), (words{"e", "x"}));
    EXPECT_EQ(sql::words("'never closed"), words{});
    EXPECT_EQ(sql::words("/* never closed"), words{});
}

TEST(SqlWords, TheCurrentTimeInAStringIs) {
    EXPECT_EQ(sql::words("'today'::date"), (words{"'today", "date"}));
    EXPECT_EQ(sql::words("' Now '"), (words{"'now"}));
    EXPECT_EQ(sql::words("'tomorrow 10:00'"), (words{"'tomorrow"}));
    EXPECT_EQ(sql::words("'nowhere', 'a today'"), words{});
}

TEST(SqlWords, LettersOfAllLanguagesAreLetters) { EXPECT_EQ(sql::words("été+1"), (words{"été"})); }

TEST(CallsWithOneArgument, CountsCommasOfTheCallAlone) {
    EXPECT_TRUE(sql::calls_with_one_argument("select AGE (x)", "age"));
    EXPECT_TRUE(sql::calls_with_one_argument("age(f(a, b))", "age"));
    EXPECT_TRUE(sql::calls_with_one_argument("age(a, b) + age(c)", "age"));
    EXPECT_FALSE(sql::calls_with_one_argument("age(a, b)", "age"));
    EXPECT_FALSE(sql::calls_with_one_argument("page(a)", "age"));
    EXPECT_FALSE(sql::calls_with_one_argument("age", "age"));
}

TEST(CallsWithOneArgument, ALongTextIsReadOnce) {
    std::string text;
    for (int i = 0; i < 200'000; ++i)
        text += "age(a, ";
    EXPECT_FALSE(sql::calls_with_one_argument(text, "age")); // each to the end of the text would be minutes
    EXPECT_TRUE(sql::calls_with_one_argument(text + "age(b)", "age"));
}
