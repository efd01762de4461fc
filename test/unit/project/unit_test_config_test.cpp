#include "core/graph/selection.h"
#include "core/jinja/render.h"
#include "core/project/dependencies.h"
#include "core/project/templates.h"
#include "core/project/unit_test_config.h"
#include "core/project/unit_test_inputs.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

/// A project with a model `b` that reads `a`, and this unit test of it.
folder with_unit_test(const std::string &keys) {
    folder f;
    f.with("barometre.yml", head)
        .with("models/a.sql", "select 1 as x")
        .with("models/b.sql", "select * from {{ ref('a') }}");
    f.with("models/b.yml", "unit_tests:\n  - name: t\n    model: b\n    " + keys + "\n");
    return f;
}

project::fixture rows_of(const std::string &csv) {
    budget spending;
    return project::read_csv_rows(csv, {"f.csv", 0}, spending);
}

/// Rows as a text: a null is nothing.
std::string shown(const project::fixture &rows) {
    std::string out;
    for (const std::string &name : rows.columns)
        out += name + " ";
    for (const auto &row : rows.rows) {
        out += "| ";
        for (const jinja::value &v : row)
            out += (v.is(jinja::value::kind::none) ? "-" : "'" + jinja::printed(v) + "'") + " ";
    }
    return out;
}

std::string rendered(const std::string &source, const project::template_overrides &overrides) {
    folder f;
    f.with("barometre.yml", head + "vars: {v: 1, w: 2}\nenv: {E: a, F: b}\n").with("macros/m.sql", R"(
{% macro own(x) %}own{{ x }}{% endmacro %}{% macro through() %}{{ own(1) }}{{ is_incremental() }}{% endmacro %})");
    auto p = f.read();
    jinja::callbacks calls = project::template_context(p);
    project::override_templates(calls, overrides);
    return jinja::render(source, "f.sql", calls);
}

} // namespace

TEST(UnitTestConfig, IsRead) {
    const auto p =
        with_unit_test(
            "config: {tags: [x, y], meta: {k: 1}}\n    given: [{input: \"ref('a')\", rows: [{x: 1}, {y: b, x: "
            "null}]}]\n    expect: {rows: [{x: 1.50, y: yes}]}\n    overrides: {vars: {v: [1]}, env_vars: {E: 1}}")
            .read();
    ASSERT_EQ(p.unit_tests.size(), 1U);
    const auto &t = p.unit_tests[0];
    EXPECT_EQ(t.name + t.model, "tb");
    EXPECT_EQ(t.config.tags, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(t.given.at(0).node, "a");
    EXPECT_EQ(shown(t.given.at(0).rows), "x y | '1' - | - 'b' ");
    EXPECT_EQ(shown(t.expected), "x y | '1.5' 'True' ");
    EXPECT_EQ(t.overrides.env.at("E"), "1");
    EXPECT_EQ(t.at.text(), "models/b.yml:2");
}

TEST(UnitTestConfig, NumbersThatArithmeticWouldRoundStayAsTheyAre) {
    const auto p = with_unit_test("given: [{input: \"ref('a')\", rows: [{x: 0.12345678901234567890, y: "
                                  "123456789012345678901, z: 01}]}]\n    expect: {rows: []}")
                       .read();
    EXPECT_EQ(shown(p.unit_tests[0].given[0].rows), "x y z | '0.12345678901234567890' '123456789012345678901' '01' ");
}

TEST(UnitTestConfig, CsvIsReadAsPythonDoes) {
    EXPECT_EQ(shown(rows_of("a,b\n1,2\n")), "a b | '1' '2' ");
    EXPECT_EQ(shown(rows_of("\r\na, b\r\n\r\n1\r\n\"\",\"x, \"\"y\"\"\nz\"")), "a b | '1' - | - 'x, \"y\"\nz' ");
    EXPECT_EQ(shown(rows_of("a,b\n, \n")), "a b | - ' ' ");
    EXPECT_EQ(shown(rows_of("")), "");
    EXPECT_EQ(shown(rows_of("\n\n")), "");
    for (const auto &[csv, what] :
         std::map<std::string, std::string>{{"a\n1,2", "f.csv:2: a row has 2 fields, and the header 1"},
                                            {"a\n\n\"1", "f.csv:3: a quoted field is never closed"},
                                            {"a,a\n", "f.csv:1: the column \"a\" is there twice"},
                                            {"a,\n", "f.csv:1: a column has no name"}})
        try {
            rows_of(csv);
            FAIL() << csv;
        } catch (const error &e) {
            EXPECT_EQ(e.message, what);
        }
    budget little;
    little.values = 5;
    EXPECT_THROW(project::read_csv_rows("a,b\n1,2\n3,4\n", {"f.csv", 0}, little), error);
}

TEST(UnitTestConfig, OverridesStandForMacrosFunctionsAndVariables) {
    EXPECT_EQ(rendered("{{ own(2) }} {{ through() }} {{ var('v') }} {{ env_var('E') }}", {}), "own2 own1False 1 a");
    project::template_overrides o;
    o.macros = {{"own", "mine"}, {"is_incremental", true}, {"run_started_at", "then"}, {"run_query", "rows"}};
    o.vars = {{"v", 7}};
    o.env = {{"E", "z"}};
    EXPECT_EQ(
        rendered("{{ own(2) }} {{ through() }} {{ var('v') }}{{ var('w') }} {{ env_var('E') }}{{ env_var('F') }}", o),
        "mine mineTrue 72 zb");
    EXPECT_EQ(rendered("{{ run_started_at }} {{ run_query('select 1') }} {% if is_incremental() %}y{% endif %}", o),
              "then rows y");
    o.macros = {{"dbt_utils.star", "*"}, {"current_timestamp", "then"}};
    EXPECT_EQ(rendered("{{ dbt_utils.star(1) }} {{ dbt.current_timestamp() }} {{ current_timestamp() }}", o),
              "* then then");
    o.macros = {{"dbt.current_timestamp", "then"}};
    EXPECT_EQ(rendered("{{ dbt.current_timestamp() }} {{ current_timestamp() }}", o), "then then");
}

TEST(UnitTestConfig, ATestThatIsDisabledIsNotThere) {
    EXPECT_EQ(with_unit_test("config: {enabled: false}\n    expect: {rows: []}").read().unit_tests.size(), 0U);
    folder f = with_unit_test("given: [{input: \"ref('a')\", rows: []}]\n    expect: {rows: []}");
    f.with("models/c.yml", "models: [{name: b, config: {enabled: false}}]\n");
    EXPECT_EQ(f.read().unit_tests.size(), 0U);
    EXPECT_EQ(f.note("t"), "skipped models/b.yml:2 Its model \"b\" is disabled in models/c.yml:1.");
}

TEST(UnitTestConfig, NamesThatOthersHaveGetThatOfTheModel) {
    folder f = with_unit_test("given: [{input: \"ref('a')\", rows: []}]\n    expect: {rows: []}");
    f.with("models/a.yml",
           "unit_tests: [{name: t, model: a, expect: {rows: []}}, {name: b, model: a, expect: {rows: []}}, "
           "{name: own, model: a, expect: {rows: []}}]\n");
    const auto p = f.read();
    const auto chosen = [&](const std::string &selection) {
        std::string out;
        for (const std::string &node :
             graph::select_nodes(project::dependencies_with_all_tests(p), project::traits_of(p), selection))
            out += node + " ";
        return out;
    };
    EXPECT_EQ(chosen("test_type:unit"), "a.b a.t b.t own ");
    EXPECT_EQ(chosen("a,resource_type:unit_test"), "a.b a.t own ");
    EXPECT_EQ(chosen("own b.t"), "b.t own ");
    EXPECT_EQ(chosen("b"), "b ");
}

TEST(UnitTestConfig, WhatOverridesNothingIsNoted) {
    folder f =
        with_unit_test("given: [{input: \"ref('a')\", rows: []}]\n    expect: {rows: []}\n    overrides: {macros: "
                       "{dbt.is_incremental: true, run_started_at: x, dbt_utils.star: x, of_mine: 1}}");
    EXPECT_EQ(f.note("of_mine"),
              "ignored models/b.yml:2 Unit test \"t\" overrides it, and no macro, function or variable "
              "has that name.");
    for (const char *known : {"dbt.is_incremental", "run_started_at", "dbt_utils.star"})
        EXPECT_EQ(f.note(known), "");
}

TEST(UnitTestConfig, AFileThatIsLostBlocksTheModelsThatItTested) {
    folder f = with_unit_test("given: [{input: \"ref('a')\", rows: []}]\n    expect: {rows: []}");
    EXPECT_EQ(f.read().described.at("models/b.yml"), (std::vector<std::string>{"b"}));
}

TEST(UnitTestConfig, ARowThatIsExpectedNamesAColumn) {
    EXPECT_EQ(with_unit_test("expect: {rows: [{}]}").failure().message,
              "models/b.yml:4: row 1 of \"expect\" of unit test \"t\" names no column");
}

TEST(UnitTestConfig, AModelInACircleHasNoTest) {
    folder f = with_unit_test("given: [{input: \"ref('a')\", rows: []}]\n    expect: {rows: []}");
    f.with("models/a.sql", "select * from {{ ref('b') }}");
    const auto p = f.look();
    EXPECT_TRUE(p.find_blocked("b"));
    EXPECT_EQ(p.unit_tests.size(), 0U);
}
