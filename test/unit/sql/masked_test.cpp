#include "core/sql/masked.h"

#include <gtest/gtest.h>

using barometre::sql::masked;

TEST(SqlMasked, StringsAndLongNumbersAreHidden) {
    EXPECT_EQ(masked("SELECT 'secret' AS a, x1000, 12, 123, 0.5, 1234.5e6 FROM t1 LIMIT 10"),
              "SELECT '…' AS a, x1000, 12, …, 0.5, … FROM t1 LIMIT 10");
    EXPECT_EQ(masked("'it''s secret' || '' || E'a\\'secret' || U&'secret' || x'0ff'"),
              "'…' || '' || E'…' || U&'…' || x'…'");
    EXPECT_EQ(masked("$$secret$$ || $a$ secret $$ secret $a$ || $1 || a$b$c"), "$$…$$ || $a$…$a$ || $1 || a$b$c");
}

TEST(SqlMasked, NamesStay) {
    EXPECT_EQ(masked("SELECT \"l'été\", \"a\"\"'b\" FROM \"S\".\"T 2022\""),
              "SELECT \"l'été\", \"a\"\"'b\" FROM \"S\".\"T 2022\"");
}

TEST(SqlMasked, WhatIsNeverClosedEndsWithTheText) {
    EXPECT_EQ(masked("a 'secret"), "a '…'");
    EXPECT_EQ(masked("a $x$ secret"), "a $x$…$x$");
    EXPECT_EQ(masked("a E'secret\\"), "a E'…'");
    EXPECT_EQ(masked("a {{ 'secret"), "a {{ '…'");
    EXPECT_EQ(masked("a {{ 'secret\\"), "a {{ '…'");
    EXPECT_EQ(masked("a {{ '"), "a {{ '");
    EXPECT_EQ(masked("/* 'secret' /*"), "/* '…' /*");
    EXPECT_EQ(masked(""), "");
    EXPECT_EQ(masked("'"), "'");
}

TEST(SqlMasked, CommentsStayButForWhatTheyQuote) {
    EXPECT_EQ(masked("-- l'export d'hier, AND a = 'secret' or \"secret\" since 2019\nb"),
              "-- l'export d'hier, AND a = '…' or \"…\" since …\nb");
    EXPECT_EQ(masked("/* a /* 'secret' */ b's */ c {# d 'secret' #} e"), "/* a /* '…' */ b's */ c {# d '…' #} e");
    EXPECT_EQ(masked("-- a 'b\nc'secret' "), "-- a 'b\nc'…' ");
}

TEST(SqlMasked, TemplatesKeepTheNamesOfWhatTheyRead) {
    EXPECT_EQ(masked("{{ ref('a') }} {{ ref('p', \"b\") }} {{ source('x','y') }} {{ var('v', 'secret') }}"),
              "{{ ref('a') }} {{ ref('p', \"b\") }} {{ source('x','y') }} {{ var('v', '…') }}");
    EXPECT_EQ(masked("{{ config(materialized='incremental', unique_key=['a', 'b'], pre_hook=\"delete 'secret'\") }}"),
              "{{ config(materialized='incremental', unique_key=['a', 'b'], pre_hook=\"…\") }}");
    EXPECT_EQ(masked("{% if x == 'secret' and y > 12345 %} 'secret' {% endif %}"),
              "{% if x == '…' and y > … %} '…' {% endif %}");
    EXPECT_EQ(masked("{% set s = ['secret', (1, 'secret')] %}"), "{% set s = ['…', (1, '…')] %}");
}

TEST(SqlMasked, AStringThatATemplatePrintsIntoIsOne) {
    EXPECT_EQ(masked("a = '{{ var('v') }} secret' AND b"), "a = '…' AND b");
    EXPECT_EQ(masked("a = '{% if c == 'd' %}secret{% endif %}' AND b"), "a = '…' AND b");
}
