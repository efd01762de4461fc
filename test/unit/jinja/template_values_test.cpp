#include "core/bytes/md5.h"
#include "core/error.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

using namespace barometre;
using jinja::value;

/// What filters and functions make of values, where random templates don't come.
namespace {

jinja::callbacks plain_calls() {
    jinja::callbacks calls;
    calls.ref = [](const std::string &name) { return jinja::relation("\"s\".\"" + name + "\""); };
    calls.config = [](const auto &) {};
    return calls;
}

std::string of(const std::string &source) {
    auto calls = plain_calls();
    try {
        return jinja::render_lines(source, "m.sql", calls).text;
    } catch (const error &e) {
        return "error: " + e.message;
    }
}

/// What an expression gives where a value is wanted, with its type.
std::string native(const std::string &expression) {
    auto calls = plain_calls();
    value found;
    calls.native = true;
    calls.settings = [&](const std::map<std::string, value> &named) { found = named.at("x"); };
    try {
        jinja::render_lines("{{ config(x=" + expression + ") }}", "p.yml", calls);
    } catch (const error &e) {
        return "error: " + e.message;
    }
    return std::string(found.type_name()) + " " + jinja::printed(found);
}

} // namespace

TEST(TemplateValues, DbtsFiltersSayTheTypeWhereAValueIsWanted) {
    EXPECT_EQ(native("'12'|as_number"), "an integer 12");
    EXPECT_EQ(native("'-1.5'|as_number"), "a number -1.5");
    EXPECT_EQ(native("'True'|as_bool"), "a boolean True");
    EXPECT_EQ(native("12|as_text"), "a text 12");
    EXPECT_EQ(native("\"[1, {'a': (2,)}]\"|as_native"), "a list [1, {'a': (2,)}]");
    EXPECT_EQ(native("'some text'|as_native"), "a text some text");
    EXPECT_EQ(native("'ref(1)'|as_native"), "a text ref(1)"); // nothing is called
    EXPECT_EQ(native("'x'|as_number"), "error: p.yml:1:17: \"as_number\" takes what is a number, and not such a text");
    EXPECT_EQ(native("1|as_bool"), "error: p.yml:1:15: \"as_bool\" takes what is a boolean, and not an integer");
    EXPECT_EQ(of("{{ 'x'|as_number }}{{ '1'|as_bool }}{{ none|as_native }}{{ 2|as_text }}"), "x1None2"); // in SQL
}
TEST(TemplateValues, JsonIsWrittenAndReadAsByPython) {
    EXPECT_EQ(of("{{ {'b': [1.0, none], 'a': \"it's <é>\"} | tojson }}"),
              R"({"a": "it\u0027s \u003c\u00e9\u003e", "b": [1.0, null]})"); // the filter is safe in HTML
    EXPECT_EQ(
        of("{{ tojson({'b': 1, 'a': \"it's <𝄞>\", 2: ref('x')}) }} {{ tojson({'b': 1, 'a': 2}, sort_keys=true) }}"),
        R"({"b": 1, "a": "it's <\ud834\udd1e>", "2": "\"s\".\"x\""} {"a": 2, "b": 1})");
    EXPECT_EQ(of(R"({{ fromjson('{"a": [1, -2.5e1, "\\u00e9", true, null, {}]}') }})"),
              "{'a': [1, -25.0, 'é', True, None, {}]}");
    EXPECT_EQ(of("{{ fromjson(' 7 ') }}{{ fromjson('1, 2') }}{{ fromjson('{', 'd') }}{{ fromjson('') }}"),
              "7NonedNone");
    EXPECT_EQ(of("{{ fromjson('9223372036854775808') }}"),
              "error: m.sql:1:4: the number 9223372036854775808 is too large");
    EXPECT_NE(of("{{ fromjson('[' * 100 ~ ']' * 100) }}").find("too deeply"), std::string::npos);
    EXPECT_EQ(of("{{ [1, [], {'k': 2}] | tojson(indent=2) }}"), "[\n  1,\n  [],\n  {\n    \"k\": 2\n  }\n]");
}
TEST(TemplateValues, FunctionsOfDbtsContext) {
    EXPECT_EQ(
        of("{{ zip([1, 2], 'ab') }}{{ zip(1, default='d') }}{{ zip(none) }}{{ set([2, 1, 2]) }}{{ set(1, 'd') }}"),
        "[(1, 'a'), (2, 'b')]dNone[2, 1]d");
    EXPECT_EQ(of("{{ zip_strict(1) }}"), "error: m.sql:1:4: an integer can't be looped over");
    EXPECT_EQ(of("{{ local_md5('é') }}"), "66ddcd97cfdeabb2f6fb8a999b4bc76f");
    EXPECT_EQ(
        of("{% set j = joiner() %}{% for i in [1, 2, 3] %}{{ j() }}{{ i }}{% endfor %}{% set c = cycler('a', 'b') "
           "%}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.reset() or '' }}{{ c.current }}"),
        "1, 2, 3abbaa");
}
TEST(TemplateValues, AttributesGoIntoParts) {
    EXPECT_EQ(of("{{ [ref('b'), ref('a')]|sort(attribute='identifier')|map(attribute='name') }}"), "['a', 'b']");
    EXPECT_EQ(of("{{ [{'a': [{'b': 1}]}]|map(attribute='a.0.b') }}{{ [(1, 2)]|map(attribute=1) }}"), "[1][2]");
    // What has no such attribute was an error, though it is what is asked.
    EXPECT_EQ(of("{{ [{'a': 1}, {}]|selectattr('a', 'defined') }}{{ [{'a': 1}, {}]|rejectattr('a') }}"),
              "[{'a': 1}][{}]");
    EXPECT_EQ(of("{{ [{}]|map(attribute='a.b') }}"), "error: m.sql:1:9: a dict has no \"a.b\"");
    EXPECT_EQ(of("{% for g in [{'a': 'x'}, {'a': 'X'}, {}]|groupby('a', default='y') %}{{ g.grouper }}{{ g.list|length "
                 "}};{% endfor %}"),
              "x2;y1;");
}
TEST(TemplateValues, WhatIsNewIsBoundedAsWell) {
    for (const std::string large :
         {"'a'|center(10000000000)", "'a'.zfill(10000000000)", "'a'.ljust(9223372036854775807, 'é')",
          "'a'|indent(10000000000)", "('a\\n' * 100000)|indent(100000)", "[1]|slice(9223372036854775807)",
          "[1]|batch(9223372036854775807, 0)", "('\\t' * 1000000).expandtabs(1000000)", "('x' * 20000000)|tojson",
          "('{:9999}' * 10000).format(*range(10000))", "'%999s' * 100000 % range(10)"})
        EXPECT_EQ(of("{{ " + large + " }}").substr(0, 7), "error: ") << large;
    EXPECT_NE(of("{% set l = [] %}{% do l.append(l) %}{{ l|tojson }}").find("too deeply"), std::string::npos);
    EXPECT_NE(of("{% macro m() %}{{ m(*varargs, **kwargs) }}{% endmacro %}{{ m(1, k=2) }}").find("too deeply"),
              std::string::npos);
}
TEST(Md5, IsThatOfTheStandard) { // RFC 1321
    EXPECT_EQ(bytes::md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(bytes::md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(bytes::md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
              "57edf4a22be3c955ac49da2e2107b67a");
    EXPECT_EQ(bytes::md5(std::string(56, 'a')), "3b0c8ac703f828b04c6c197006d17218");
    EXPECT_EQ(bytes::md5(std::string(64, 'a')), "014842d480b571495a4a0363793f7367");
}
