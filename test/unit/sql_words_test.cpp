#include "core/name/sql_words.h"

#include <gtest/gtest.h>

using barometre::calls_with_one_argument;
using barometre::sql_words;
using words = std::vector<std::string>;

TEST(SqlWords, AreLowerCaseAndThereOnce) { EXPECT_EQ(sql_words("SELECT a, A, b1 FROM x.y$z"), (words{"a", "b1", "from", "select", "x", "y$z"})); }

TEST(SqlWords, QuotedOnesAreKeptAsTheyAre) { EXPECT_EQ(sql_words(R"("User", "a""b", user)"), (words{"\"User", "\"a\"b", "user"})); }

TEST(SqlWords, CommentsAndStringsAreNone) {
    EXPECT_EQ(sql_words("a -- b\n/* c /* d */ e */ 'f ''g' h"), (words{"a", "h"}));
    EXPECT_EQ(sql_words("E'it\\'s' x"), (words{"e", "x"}));
    EXPECT_EQ(sql_words("'never closed"), words{});
    EXPECT_EQ(sql_words("/* never closed"), words{});
}

TEST(SqlWords, TheCurrentTimeInAStringIs) {
    EXPECT_EQ(sql_words("'today'::date"), (words{"'today", "date"}));
    EXPECT_EQ(sql_words("' Now '"), (words{"'now"}));
    EXPECT_EQ(sql_words("'tomorrow 10:00'"), (words{"'tomorrow"}));
    EXPECT_EQ(sql_words("'nowhere', 'a today'"), words{});
}

TEST(SqlWords, LettersOfAllLanguagesAreLetters) { EXPECT_EQ(sql_words("été+1"), (words{"été"})); }

TEST(CallsWithOneArgument, CountsCommasOfTheCallAlone) {
    EXPECT_TRUE(calls_with_one_argument("select AGE (x)", "age"));
    EXPECT_TRUE(calls_with_one_argument("age(f(a, b))", "age"));
    EXPECT_TRUE(calls_with_one_argument("age(a, b) + age(c)", "age"));
    EXPECT_FALSE(calls_with_one_argument("age(a, b)", "age"));
    EXPECT_FALSE(calls_with_one_argument("page(a)", "age"));
    EXPECT_FALSE(calls_with_one_argument("age", "age"));
}
