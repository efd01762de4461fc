#include "core/sql/masked.h"

#include <gtest/gtest.h>

using barometre::sql::masked;
using barometre::sql::masked_template;

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
    EXPECT_EQ(masked_template("a {{ 'secret"), "a …");
    EXPECT_EQ(masked_template("a {{ f( }} 'secret'"), "a …");
    EXPECT_EQ(masked_template("a {{ '"), "a …");
    EXPECT_EQ(masked_template("a {% raw %} 'secret"), "a {% raw %} '…'");
    EXPECT_EQ(masked("/* 'secret' /*"), "/* '…' /*");
    EXPECT_EQ(masked(""), "");
    EXPECT_EQ(masked("'"), "'");
}

TEST(SqlMasked, AStringThatGoesOnInAnotherLineIsOne) {
    EXPECT_EQ(masked("E'a'\n 'b\\'secret' , 'c\\'"), "E'…'\n '…' , '…'");
    EXPECT_EQ(masked("E'a' , 'c\\', d"), "E'…' , '…', d");
}

TEST(SqlMasked, WhatRunsIsNoTemplate) {
    EXPECT_EQ(masked("'{{' , a, '}} secret' , '{%', '{# it''s', b"), "'…' , a, '…' , '…', '…', b");
}

TEST(SqlMasked, CommentsStayButForWhatTheyQuote) {
    EXPECT_EQ(masked("-- l'export d'hier, AND a = 'secret' or \"secret\" since 2019\nb"),
              "-- l'export d'hier, AND a = '…' or \"…\" since …\nb");
    EXPECT_EQ(masked_template("/* a /* 'secret' */ b's */ c {# d 'secret' #} e"),
              "/* a /* '…' */ b's */ c {# d '…' #} e");
    EXPECT_EQ(masked("-- a 'b\nc'secret' "), "-- a '…\nc'…' ");
    EXPECT_EQ(masked("/* a = 'x\nsecret' */ b"), "/* a = '…' */ b");
    EXPECT_EQ(masked("/* a = 'x */ b"), "/* a = '…*/ b");
    EXPECT_EQ(masked("-- a = E'secret' or $$secret$$ $a$secret$a$"), "-- a = E'…' or $$…$$ $a$…$a$");
    EXPECT_EQ(masked_template("{# */ it's 'secret' #} e"), "{# */ it's '…' #} e");
}

TEST(SqlMasked, TemplatesKeepTheNamesOfWhatTheyRead) {
    EXPECT_EQ(masked_template("{{ ref('a') }} {{ ref('p', \"b\") }} {{ source('x','y') }} {{ var('v', 'secret') }}"),
              "{{ ref('a') }} {{ ref('p', \"b\") }} {{ source('x','y') }} {{ var('v', '…') }}");
    EXPECT_EQ(masked_template(
                  "{{ config(materialized='incremental', unique_key=['a', 'b'], pre_hook=\"delete from 'secret' x'\", "
                  "begin='2024-05-06') }}"),
              "{{ config(materialized='incremental', unique_key=['a', 'b'], pre_hook=\"…\", begin='…') }}");
    EXPECT_EQ(masked_template("{% if x == 'secret' and y > 12345 %} 'secret' {% endif %}"),
              "{% if x == '…' and y > … %} '…' {% endif %}");
    EXPECT_EQ(masked_template("{% set s = ['secret', (1, 'secret')] %}"), "{% set s = ['…', (1, '…')] %}");
    EXPECT_EQ(masked_template("{{ {'a': {'b': 1}}, \"secret\" }} {{ {1: {}} }}"),
              "{{ {'…': {'…': 1}}, \"…\" }} {{ {1: {}} }}");
}

TEST(SqlMasked, AStringThatATemplatePrintsIntoIsOne) {
    EXPECT_EQ(masked_template("a = '{{ var('v') }} secret' AND b"), "a = '…' AND b");
    EXPECT_EQ(masked_template("a = '{% if c == 'd' %}secret{% endif %}' AND b"), "a = '…' AND b");
    EXPECT_EQ(masked_template("a = '{# it's #}secret' AND b"), "a = '…' AND b");
    EXPECT_EQ(masked_template("a = '{{ f('}}', \"x\") }}secret' AND b"), "a = '…' AND b");
    EXPECT_EQ(masked_template("a = $${{ f('$$') }}secret$$ AND b"), "a = $$…$$ AND b");
    EXPECT_EQ(masked_template("\"{{ f(\"a\") }}\" AND 'secret' AS \"{{ f('\"') }}\""),
              "\"{{ f(\"…\") }}\" AND '…' AS \"{{ f('…') }}\"");
    EXPECT_EQ(masked_template("-- {% set s = [\n \"secret\" ] %} it's\nb 'secret'"),
              "-- {% set s = [\n \"…\" ] %} it's\nb '…'");
    EXPECT_EQ(masked_template("a = '{{ v | replace(\"'\", \"''\") }}' AND b"), "a = '…' AND b");
}

TEST(SqlMasked, WhereATemplatePrintsAQuoteNobodyKnowsWhatIsInOne) {
    EXPECT_EQ(masked_template("a {% if b %}'secret{% else %}'secret{% endif %} secret'"), "a …");
    EXPECT_EQ(masked_template("a {% if b %}'{% endif %}secret{% if b %}'{% endif %}"), "a …");
    EXPECT_EQ(masked_template("a '{% if b %}secret'{% endif %} secret"), "a '…");
    EXPECT_EQ(masked_template("a {{ \"'\" }}secret{{ \"'\" }}"), "a …");
    EXPECT_EQ(masked_template("a {% set q = \"'\" %} b {{ q }}secret{{ q }}"), "a …");
    EXPECT_EQ(masked_template("a {{ \"'secret'\" }} b"), "a {{ \"…\" }} b");
}

TEST(SqlMasked, WhatBlocksCollectIsShownIfItIsSql) {
    EXPECT_EQ(masked_template("{% set s %}secret{% endset %} '{{ s }}'"), "{% set s %}…{% endset %} '…'");
    EXPECT_EQ(masked_template("{%- set s -%} -- of\n (SELECT 'secret' {%- endset -%} a"),
              "{%- set s -%} -- of\n (SELECT '…' {%- endset -%} a");
    EXPECT_EQ(masked_template("{% macro m(a) %}secret{% endmacro %} {% call m() %} secret {% endcall %} b"),
              "{% macro m(a) %}…{% endmacro %} {% call m() %}…{% endcall %} b");
    EXPECT_EQ(masked_template("{% set s %}{% endset %} {% set t %} {% endset %} b"),
              "{% set s %}{% endset %} {% set t %} {% endset %} b");
}

TEST(SqlMasked, WhatIsRawIsNoTemplate) {
    EXPECT_EQ(masked_template("{% raw %}'{{ secret'{% endraw %}, a, '{{ ref('x') }} secret'"),
              "{% raw %}'…'{% endraw %}, a, '…'");
}
