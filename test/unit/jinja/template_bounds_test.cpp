#include "core/error.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

using namespace barometre;
using jinja::callbacks;
using jinja::value;

/// What a template may use, and that it can be stopped: each of these once was for free.
namespace {

std::string bounded(const std::string &source, callbacks calls = {}) {
    calls.config = [](const auto &) {};
    try {
        return jinja::render_lines(source, "m.sql", calls).text;
    } catch (const error &e) {
        return "error: " + e.message;
    }
}

callbacks with_bytes(std::uint64_t bytes) {
    callbacks calls;
    calls.limits.bytes = bytes;
    return calls;
}

callbacks with_steps(std::uint64_t steps) {
    callbacks calls;
    calls.limits.steps = steps;
    return calls;
}

bool makes_too_much(const std::string &said) { return said.find("makes too much text") != std::string::npos; }
bool takes_too_many(const std::string &said) { return said.find("takes too many steps") != std::string::npos; }

std::string repeated(const std::string &s, int times) {
    std::string out;
    for (int i = 0; i < times; ++i)
        out += s;
    return out;
}

} // namespace

TEST(TemplateBounds, FiltersThatMapCallsAreNotNestedWithoutEnd) {
    EXPECT_EQ(bounded("{{ [['a']]|map('map', 'upper')|list }}"), "[['A']]");
    EXPECT_EQ(bounded("{% set ns = namespace(l=[]) %}{% for i in range(60) %}{% set ns.l = [ns.l] %}{% endfor %}"
                      "{{ ns.l|map(*(['map'] * 100 + ['upper'])) }}"),
              "error: m.sql:1:98: filters are nested too deeply in \"map\"");
    EXPECT_TRUE(takes_too_many(bounded("{{ ([[]] * 2000)|map('map', 'upper', *range(2000)) }}", with_steps(100'000))));
}

TEST(TemplateBounds, ACopyOfADictIsPaidFor) {
    callbacks calls = with_bytes(1 << 20);
    jinja::dict big;
    for (int i = 0; i < 1000; ++i)
        big.set(i, i);
    auto vars = std::make_shared<jinja::variables>();
    (*vars)["big"] = value(std::move(big));
    calls.vars = vars;
    EXPECT_EQ(bounded("{{ var('big')|length }}", calls), "1000");
    EXPECT_TRUE(makes_too_much(bounded("{% for i in range(50) %}{% do var('big') %}{% endfor %}", calls)));
    EXPECT_TRUE(makes_too_much(bounded("{% set d = {'a' * 4000: 1} %}{% for i in range(1000) %}{% do d.copy() %}"
                                       "{% endfor %}",
                                       with_bytes(1 << 20))));
}

TEST(TemplateBounds, TheKeysOfADictArePaidFor) {
    const std::string long_keys = "{% set x = 'a' * 4000 %}{% set d = {} %}{% for i in range(1000) %}";
    for (const std::string fills :
         {"{% do d.update({(x, i): 1}) %}", "{% set e = {(x, i): 1} %}", "{% set e = dict([((x, i), 1)]) %}",
          "{% do d.setdefault((x, i), 1) %}", "{% set e = [(x, i)]|unique %}", "{% set e = set([(x, i)]) %}"})
        EXPECT_TRUE(makes_too_much(bounded(long_keys + fills + "{% endfor %}", with_bytes(1 << 20)))) << fills;
}

TEST(TemplateBounds, TheBlanksOfAFormatArePaidForOneByOne) {
    callbacks calls = with_steps(2000); // it stops at the bytes, long before its steps are used up
    calls.limits.bytes = 100'000;
    EXPECT_TRUE(makes_too_much(bounded("{{ ('%(a)999d' * 5000) % {'a': 1} }}", calls)));
}

TEST(TemplateBounds, NumbersAreReadAtTheCostOfTheirText) {
    for (const std::string filter : {"int", "float"})
        EXPECT_TRUE(takes_too_many(
            bounded("{% set x = ' ' * 100000 %}{% for i in range(100) %}{% set y = x|" + filter + " %}{% endfor %}",
                    with_steps(100'000))));
}

/// Each argument was looked for among all others: a minute for as many as a file may have.
TEST(TemplateBounds, ManyNamedArgumentsAreFoundAtOnce) {
    std::string given, wanted;
    for (int i = 0; i < 20'000; ++i) {
        const std::string name = "a" + std::to_string(i);
        given += name + "=1,";
        wanted += name + "=2,";
    }
    EXPECT_EQ(bounded("{{ dict(" + given + ")|length }}"), "20000");
    EXPECT_EQ(bounded("{% macro m(" + wanted + ") %}{{ a19999 }}{% endmacro %}{{ m(" + given + ") }}"), "1");
    EXPECT_EQ(bounded("{% set d = {} %}{% do d.update(" + given + ") %}{{ d|length }}"), "20000");
    EXPECT_EQ(bounded("{{ dict(" + given + "a7=1) }}").substr(0, 7), "error: ");
}

TEST(TemplateBounds, WhatIsReadIsBoundedToo) {
    EXPECT_EQ(bounded(repeated("{{1}}", 400'000)).substr(0, 60),
              "error: m.sql:1:1666668: the template has too many parts");
    EXPECT_EQ(bounded("{{ [" + repeated("1,", 600'000) + "] }}").substr(0, 60),
              "error: m.sql:1:1000003: the template has too many parts");
    EXPECT_EQ(bounded(repeated("x", 4'000'000)).size(), 4'000'000u);
    jinja::macro_library library;
    std::string said;
    try {
        for (int i = 0; i < 10; ++i)
            library.add("{% macro m" + std::to_string(i) + "() %}" + repeated("{{1}}", 300'000) + "{% endmacro %}",
                        "n" + std::to_string(i) + ".sql");
    } catch (const error &e) {
        said = e.message;
    }
    EXPECT_EQ(said, "n2.sql:1:1: the macros of the project have too many parts");
}

TEST(TemplateBounds, AVariableThatIsATemplateIsReadAtTheCostOfItsText) {
    callbacks calls = with_bytes(1 << 20);
    auto vars = std::make_shared<jinja::variables>();
    (*vars)["t"] = repeated("{{ 1 }}", 10'000);
    calls.vars = vars;
    EXPECT_TRUE(makes_too_much(bounded("{{ var('t') }}", calls)));
}
