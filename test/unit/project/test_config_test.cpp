#include "core/project/generic_test.h"
#include "core/project/templates.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

/// A project with a model `a`, whose column x has `tests`, a list in one line.
folder with_tests(const std::string &tests) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "select 1 as x").with("models/b.sql", "select 1 as y");
    f.with("models/a.yml", "models:\n  - name: a\n    columns:\n      - name: x\n        tests: " + tests + "\n");
    return f;
}
/// The same, of the model itself.
void table_tests(folder &f, const std::string &tests) {
    f.with("models/a.yml", "models:\n  - name: a\n    tests: " + tests + "\n");
}

std::vector<project::generic_test> tests_of(const folder &f) {
    auto p = f.read();
    const auto &a = *p.find_model("a");
    return a.columns.empty() ? a.tests : a.columns.at(0).tests;
}

const std::string positive = "{% test positive(model, column_name, least=0) %}\nselect * from {{ model }}\nwhere {{ "
                             "column_name }} <= {{ least }}\n{% endtest %}\n";

/// The query of the first test, as it is when relations print as their names.
jinja::rendered query(const folder &f) {
    auto p = f.read();
    const auto &a = *p.find_model("a");
    const auto &t = a.columns.empty() ? a.tests.at(0) : a.columns.at(0).tests.at(0);
    jinja::callbacks calls = project::template_context(p);
    calls.ref = [](const std::string &name) { return jinja::relation("\"r\".\"" + name + "\""); };
    calls.source = [](const std::string &tap, const std::string &stream) {
        return jinja::relation(tap + "." + stream);
    };
    calls.config = [](const auto &) {};
    return project::render_query(t, jinja::relation("s.a"), t.column, calls);
}

} // namespace

TEST(TestConfig, IsReadBesideArgumentsAndInConfig) {
    auto tests = tests_of(with_tests("[{unique: {severity: warn, limit: 5, where: x > 1, name: once}}, {not_null: "
                                     "{config: {warn_if: '>= 2', error_if: '<>3'}}}]"));
    EXPECT_EQ(tests[0].config.severity, project::severity::warn);
    EXPECT_EQ(tests[0].config.limit, 5);
    EXPECT_EQ(tests[0].config.where, "x > 1");
    EXPECT_EQ(tests[0].name, "once");
    EXPECT_EQ(tests[0].test, "unique");
    EXPECT_EQ(tests[1].config.warn_if.text(), ">= 2");
    EXPECT_EQ(tests[1].config.error_if.text(), "!= 3");
    EXPECT_EQ(tests[1].name, "not_null");
}
TEST(TestConfig, MistakesNameTheLineAndTheWayOut) {
    auto e = with_tests("[{unique: {severty: warn}}]").failure();
    EXPECT_EQ(e.message, "models/a.yml:5: unknown key \"severty\" in test \"unique\"");
    EXPECT_EQ(e.hint, "Did you mean \"severity\"?");
    e = with_tests("[{unique: {config: {sum_of: n}}}]").failure();
    EXPECT_EQ(
        e.hint,
        "Valid keys are alias, database, description, docs, enabled, error_if, fail_calc, group, limit, meta, schema, "
        "severity, sql_header, store_failures, store_failures_as, tags, warn_if and where.");
    e = with_tests("[{unique: {warn_if: '> a'}}]").failure();
    EXPECT_EQ(e.message, "models/a.yml:5: key \"warn_if\" must be a comparison with a number of rows");
    for (const std::string wrong : {"10", "''", "'> 1 2x'", "'~ 1'", "'> -1'", "'> 99999999999999999999'"})
        EXPECT_EQ(with_tests("[{unique: {error_if: " + wrong + "}}]").failure().hint,
                  "For example \"> 10\", in quotes. Signs are =, !=, >, >=, < and <=.")
            << wrong;
    EXPECT_EQ(with_tests("[{unique: {limit: 0}}]").failure().message,
              "models/a.yml:5: key \"limit\" must be at least 1");
    e = with_tests("[{unique: {limit: 1, config: {limit: 2}}}]").failure();
    EXPECT_EQ(e.message, "models/a.yml:5: key \"limit\" of test \"unique\" is given twice");
    EXPECT_EQ(with_tests("[{unique: {name: ''}}]").failure().message,
              "models/a.yml:5: the name of test \"unique\" is empty");
    EXPECT_EQ(with_tests("[{accepted_values: {severity: warn}}]").failure().message,
              "models/a.yml:5: test \"accepted_values\" lacks the key \"values\"");
}
TEST(TestConfig, JudgesAsDbtDoes) {
    project::test_config c;
    EXPECT_STREQ(c.judge(0), "pass");
    EXPECT_STREQ(c.judge(1), "fail");
    c.error_if = {">", 10};
    EXPECT_STREQ(c.judge(0), "pass");
    EXPECT_STREQ(c.judge(10), "warn");
    EXPECT_STREQ(c.judge(11), "fail");
    c.warn_if = {">=", 5};
    EXPECT_STREQ(c.judge(4), "pass");
    EXPECT_STREQ(c.judge(5), "warn");
    c.severity = project::severity::warn;
    EXPECT_STREQ(c.judge(11), "warn");
    EXPECT_STREQ(c.judge(4), "pass");
    EXPECT_TRUE((project::threshold{"=", 2}.is_met_by(2)));
    EXPECT_TRUE((project::threshold{"<", 2}.is_met_by(1)));
    EXPECT_FALSE((project::threshold{"<", 2}.is_met_by(2)));
    EXPECT_TRUE((project::threshold{"<=", 2}.is_met_by(2)));
    EXPECT_FALSE((project::threshold{"!=", 2}.is_met_by(2)));
}
TEST(TestConfig, ProjectFileHasTheDefaults) {
    folder f = with_tests("[unique, {not_null: {severity: error, limit: 2}}]");
    f.with("barometre.yml", head + "tests: {severity: warn, limit: 7, warn_if: '> 1', error_if: '> 2', samples: 3}\n")
        .with("tests/t.sql", "select 1");
    auto p = f.read();
    const auto &tests = p.find_model("a")->columns.at(0).tests;
    EXPECT_EQ(tests[0].config.severity, project::severity::warn);
    EXPECT_EQ(tests[0].config.limit, 7);
    EXPECT_EQ(tests[1].config.severity, project::severity::error);
    EXPECT_EQ(tests[1].config.limit, 2);
    EXPECT_EQ(tests[1].config.warn_if.text(), "> 1");
    EXPECT_EQ(p.tests.at(0).config.error_if.text(), "> 2");
    f.with("barometre.yml", head + "tests: {where: x}\n");
    EXPECT_EQ(f.failure().message, "barometre.yml:3: unknown key \"where\" in tests");
}
TEST(TestConfig, DataTestsIsTheSameKey) {
    folder f = with_tests("[unique]");
    f.with("models/a.yml", "models:\n  - name: a\n    columns: [{name: x, data_tests: [unique, not_null]}]\n");
    EXPECT_EQ(tests_of(f).size(), 2u);
    f.with("models/a.yml", "models:\n  - name: a\n    data_tests: []\n    tests: []\n");
    EXPECT_EQ(f.failure().message, "models/a.yml:3: \"tests\" and \"data_tests\" of model \"a\" are the same");
    f.with("models/a.yml", "")
        .with("barometre.yml", head + "taps:\n  - name: t\n    streams:\n      - {name: s, path: ., pattern: .*, "
                                      "data_tests: [{expression_is_true: {expression: a > b}}]}\n");
    EXPECT_EQ(f.read().find_stream("t", "s")->tests.size(), 1u);
}
TEST(TestConfig, SingularTestsSayItInConfig) {
    folder f;
    f.with("barometre.yml", head)
        .with("tests/t.sql", "{{ config(severity='warn', warn_if='>5') }}{{ config(limit=3) }}select 1")
        .with("tests/off.sql", "{{ config(enabled=false) }}select * from {{ ref('nothing') }}");
    auto p = f.read();
    ASSERT_EQ(p.tests.size(), 1u);
    EXPECT_EQ(p.tests[0].config.warn_if.text(), "> 5");
    EXPECT_EQ(p.tests[0].config.limit, 3);
    f.with("tests/t.sql", "select 1\n{{ config(where='x') }}");
    EXPECT_EQ(f.failure().message, "no error"); // as in dbt it has no effect
}
TEST(TestConfig, DisabledTestsAreNotThere) {
    EXPECT_EQ(tests_of(with_tests("[unique, {not_null: {enabled: false}}, {relationships: {to: ref('nothing'), field: "
                                  "x, config: {enabled: false}}}]"))
                  .size(),
              1u);
}
TEST(TestConfig, ArgumentsMayHaveAMappingOfTheirOwn) {
    auto tests = tests_of(with_tests("[{accepted_values: {arguments: {values: [1.50, yes]}, config: {severity: "
                                     "warn}}}, {test_name: unique, name: mine, limit: 1}]"));
    EXPECT_EQ(project::json_text(tests[0].arguments.at("values")), R"([1.5, true])");
    EXPECT_EQ(tests[1].test, "unique");
    EXPECT_EQ(tests[1].name, "mine");
    EXPECT_EQ(tests[1].config.limit, 1);
    EXPECT_EQ(with_tests("[{accepted_values: {arguments: {values: [1]}, values: [1]}}]").failure().message,
              "models/a.yml:5: argument \"values\" of test \"accepted_values\" is given twice");
    EXPECT_EQ(with_tests("[{accepted_values: {arguments: {valuse: [1]}}}]").failure().message,
              "models/a.yml:5: unknown key \"valuse\" in the arguments of test \"accepted_values\"");
}
// Templates in them were taken for wrong values.
TEST(TestConfig, HowATestIsJudgedMayBeATemplate) {
    const auto found = tests_of(with_tests("[{unique: {severity: \"{{ 'warn' if target.type == 'postgres' else 'error' "
                                           "}}\", config: {enabled: \"{{ target.name != 'x' }}\", limit: \"{{ 3 "
                                           "}}\", tags: [\"{{ 'a' ~ 'b' }}\"]}}}, {not_null: {config: {enabled: \"{{ "
                                           "false }}\"}}}]"));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].config.severity, project::severity::warn);
    EXPECT_EQ(found[0].config.limit, 3);
    EXPECT_EQ(found[0].config.tags, std::vector<std::string>{"ab"});
}
TEST(TestConfig, ATestOfTheTableMayNameItsColumn) {
    folder f = with_tests("[]");
    table_tests(f, "[{unique: {column_name: x}}, {expression_is_true: {expression: '> 1', column_name: x}}, "
                   "{dbt_utils.expression_is_true: {expression: x > y}}]");
    auto tests = tests_of(f);
    EXPECT_EQ(tests[0].column, "x");
    EXPECT_EQ(tests[1].column, "x");
    EXPECT_EQ(tests[2].column, "");
    EXPECT_EQ(tests[2].test, "expression_is_true");
    table_tests(f, "[unique]");
    EXPECT_EQ(f.failure().message, "models/a.yml:3: test \"unique\" belongs to a column");
    // dbt tests the column that it stands at, whatever is said.
    EXPECT_EQ(with_tests("[{unique: {column_name: other}}]").failure().message, "no error");
}

TEST(TestConfig, ATestOfDbtUtilsThatWeHaveOurselvesIsThatOne) {
    folder f = with_tests("[]");
    const auto macro = [&](const std::string &given) {
        table_tests(f, "[{dbt_utils.expression_is_true: " + given + "}]");
        return tests_of(f).at(0).macro;
    };
    EXPECT_EQ(macro("{expression: x > y}"), "");
    EXPECT_EQ(macro("{expression: x > y, condition: x > 1}"), "dbt_utils.test_expression_is_true");
    EXPECT_EQ(macro("{arguments: {expression: x > y, condition: x > 1}}"), "dbt_utils.test_expression_is_true");
    f.with("macros/m.sql", "{% macro default__test_expression_is_true(a, b, c, d) %}select 1{% endmacro %}");
    EXPECT_EQ(macro("{expression: x > y}"), "dbt_utils.test_expression_is_true");
}

TEST(TestConfig, AMacroWithKwargsTakesWhateverIsGiven) {
    folder f = with_tests("[]");
    f.with("macros/m.sql",
           "{% macro test_share(model) %}{{ kwargs.get('column_name') }}{{ kwargs.least }}{% endmacro %}");
    table_tests(f, "[{p.share: {column_name: x, least: 0.5, where: y, group: z}}]");
    const auto tests = tests_of(f);
    EXPECT_EQ(tests[0].column, "x");
    EXPECT_EQ(tests[0].arguments.size(), 1u);
    EXPECT_EQ(project::json_text(tests[0].arguments.at("least")), "0.5");
    EXPECT_EQ(tests[0].config.where, "y");
}

TEST(TestConfig, AColumnMayComeAgainInAFileOfDbts) {
    folder f = with_tests("[]");
    f.with("models/a.yml",
           "models:\n  - name: a\n    columns:\n"
           "      - {name: x, description: first, tests: [unique, {accepted_values: {values: [1, 2]}}]}\n"
           "      - {name: y, description: other}\n"
           "      - {name: x, description: last, tests: [{accepted_values: {values: [1, 2]}}, not_null], tags: late}\n"
           "      - {name: x, tests: [unique]}\n");
    const auto p = f.read();
    const auto &columns = p.find_model("a")->columns;
    ASSERT_EQ(columns.size(), 2u);
    EXPECT_EQ(columns[0].description, "last");
    std::string tests;
    for (const auto &t : columns[0].tests)
        tests += t.name + (t.config.tags.empty() ? " " : "(" + t.config.tags[0] + ") ");
    EXPECT_EQ(tests, "unique accepted_values accepted_values(late) not_null(late) "); // tags are part of what is said
    f.with("seeds/s.csv", "x\n1\n")
        .with("seeds/s.yml", "seeds:\n  - {name: s, columns: [{name: x, type: int}, {name: x, type: text}]}\n");
    EXPECT_EQ(f.failure().message, "seeds/s.yml:2: column \"x\" has two types");
    f.with("seeds/s.yml", "seeds:\n  - {name: s, columns: [{name: x, type: int}, {name: x, description: d}]}\n");
    EXPECT_EQ(f.read().seeds.at(0).columns.at(0).type, "int");
    f.with("barometre.yml", head + "seeds:\n  - {name: s, columns: [{name: x}, {name: x}]}\n");
    EXPECT_EQ(f.failure().message, "barometre.yml:4: column \"x\" is declared twice");
    EXPECT_EQ(f.failure().detail, "It was declared before in barometre.yml:4.");
}
TEST(GenericTest, IsAMacroInTestsGeneric) {
    folder f = with_tests("[{positive: {least: 3}}]");
    f.with("tests/generic/numbers.sql", positive);
    EXPECT_EQ(f.read().tests.size(), 0u);
    auto made = query(f);
    EXPECT_EQ(made.text, "\nselect * from s.a\nwhere x <= 3\n");
    EXPECT_EQ(made.lines, (std::vector<int>{1, 2, 3, 4}));
    EXPECT_EQ(tests_of(f).at(0).macro, "test_positive");
}
TEST(GenericTest, MayStandInAMacrosFile) {
    folder f = with_tests("[positive]");
    f.with("macros/all.sql", positive);
    EXPECT_NE(query(f).text.find("x <= 0"), std::string::npos);
    f = with_tests("[pack.positive]");
    f.with("macros/all.sql", positive);
    EXPECT_NE(query(f).text.find("x <= 0"), std::string::npos);
    f.with("barometre.yml", head + "paths: {macros: [macros, tests/generic]}\n")
        .with("tests/generic/more.sql", "{% test more(model) %}select 1{% endtest %}");
    EXPECT_NE(query(f).text.find("x <= 0"), std::string::npos);
}
TEST(GenericTest, TakesThePlaceOfABuiltInOne) {
    folder f = with_tests("[unique]");
    f.with("tests/generic/u.sql", "{% test unique(model, column_name) %}mine{% endtest %}");
    EXPECT_EQ(query(f).text, "mine");
}
TEST(GenericTest, ItsArgumentsAreChecked) {
    folder f = with_tests("[{positive: {leest: 3}}]");
    f.with("tests/generic/numbers.sql",
           positive + "{% test above(model, column_name, least, limit=1) %}{% endtest %}\n{% test nothing(column_name) "
                      "%}{% endtest %}{% test whole(model) %}{% endtest %}");
    auto e = f.failure();
    EXPECT_EQ(e.message, "models/a.yml:5: unknown key \"leest\" in test \"positive\"");
    EXPECT_EQ(e.hint, "Did you mean \"least\"?");
    auto of_column = [&](const std::string &tests) {
        f.with("models/a.yml", "models:\n  - name: a\n    columns:\n      - name: x\n        tests: " + tests + "\n");
        return f.failure();
    };
    EXPECT_EQ(of_column("[above]").message, "models/a.yml:5: test \"above\" lacks the key \"least\"");
    EXPECT_EQ(of_column("[whole]").message,
              "models/a.yml:5: test \"whole\" belongs to a table: it has no argument \"column_name\"");
    e = of_column("[nothing]");
    EXPECT_EQ(e.message, "models/a.yml:5: the macro of test \"nothing\" has no argument \"model\"");
    EXPECT_EQ(e.detail, "It is in tests/generic/numbers.sql:6.");
    e = of_column("[posative]");
    EXPECT_EQ(e.message, "models/a.yml:5: unknown test \"posative\" in column \"x\"");
    EXPECT_EQ(
        e.detail,
        "Known are accepted_values, expression_is_true, not_null, relationships, unique, above, positive and whole.");
    EXPECT_EQ(e.hint, "Did you mean \"positive\"?");
    EXPECT_EQ(of_column("[{above: {least: 1, limit: 5}}]").message, "no error"); // the limit is that of dbt's config
    table_tests(f, "[positive]");
    EXPECT_EQ(f.failure().message, "models/a.yml:3: test \"positive\" belongs to a column");
    table_tests(f, "[whole, {positive: {column_name: x}}]");
    EXPECT_EQ(f.read().find_model("a")->tests.at(1).column, "x");
}
TEST(GenericTest, AnArgumentWithTheNameOfASettingStandsUnderArguments) {
    folder f = with_tests("[{least: {arguments: {limit: 3}, limit: 4}}]");
    f.with("tests/generic/l.sql", "{% test least(model, column_name, limit) %}{{ limit }}{% endtest %}");
    EXPECT_EQ(query(f).text, "3");
    EXPECT_EQ(tests_of(f).at(0).config.limit, 4);
    f.with("models/a.yml", "models:\n  - name: a\n    columns: [{name: x, tests: [{least: {limit: 3}}]}]\n");
    EXPECT_EQ(f.failure().hint, "Give it under \"arguments:\".");
}
TEST(GenericTest, ArgumentsKeepTheirTypesAndAreRendered) {
    folder f = with_tests("[{show: {a: 1, b: 'x{{ var(\"n\") + 1 }}', c: '{{ var(\"n\") }}', d: ref('b'), e: [true, "
                          "\"ref('b')\", {k: 2.5}], f: \"var('missing', 3)\"}}]");
    f.with("barometre.yml", head + "vars: {n: 4}\n");
    f.with("tests/generic/s.sql", "{% test show(model, column_name, a, b, c, d, e, f) %}{{ a + 1 }} {{ b }} {{ c + 1 "
                                  "}} {{ d }} {{ e[0] }} {{ e[1] }} {{ e[2].k * 2 }} {{ f + 1 }}{% endtest %}");
    EXPECT_EQ(query(f).text, "2 x5 5 \"r\".\"b\" True \"r\".\"b\" 5.0 4");
    const auto t = tests_of(f).at(0);
    EXPECT_EQ(t.reads, std::vector<std::string>{"b"});
    EXPECT_EQ(project::json_text(t.arguments.at("a")), "1");
    EXPECT_EQ(project::json_text(t.arguments.at("d")), "\"ref('b')\"");
}
TEST(GenericTest, ReferencesAreReadsAndAreChecked) {
    folder f = with_tests("[{positive: {where: \"x in (select y from {{ ref('b') }})\"}}]");
    f.with("tests/generic/numbers.sql", positive);
    EXPECT_EQ(tests_of(f).at(0).reads, std::vector<std::string>{"b"});
    f.with("tests/generic/numbers.sql",
           "{% test positive(model, column_name) %}select * from {{ source('t', 's') }}{% endtest %}");
    EXPECT_EQ(f.note("a.positive"),
              "skipped models/a.yml:5 test \"positive\" (models/a.yml:5) refers to \"t.s\", which is "
              "neither a stream of a tap nor declared under \"sources:\".");
    f = with_tests("[{relationships: {to: ref('c'), field: x}}]");
    EXPECT_EQ(f.note("a.relationships"),
              "skipped models/a.yml:5 test \"relationships\" (models/a.yml:5) refers to \"c\", "
              "which is neither a model nor a seed.");
    EXPECT_EQ(tests_of(with_tests("[{relationships: {to: b, field: y}}]")).at(0).reads, std::vector<std::string>{"b"});
    EXPECT_EQ(tests_of(with_tests("[{relationships: {to: '{{ ref(\"b\") }}', field: y}}]")).at(0).reads,
              std::vector<std::string>{"b"});
}
TEST(GenericTest, ItsMacroMayConfigureAllOfIt) {
    folder f = with_tests("[soft, {soft: {severity: error}}]");
    f.with("tests/generic/s.sql",
           "{% test soft(model, column_name) %}{{ config(severity='warn', limit=9) }}select 1{% endtest %}");
    auto tests = tests_of(f);
    EXPECT_EQ(tests[0].config.severity, project::severity::warn);
    EXPECT_EQ(tests[1].config.severity, project::severity::error);
    EXPECT_EQ(tests[1].config.limit, 9);
    f.with("tests/generic/s.sql",
           "\n{% test soft(model, column_name) %}{{ config(severty='warn') }}select 1{% endtest %}");
    EXPECT_EQ(f.failure().message, "tests/generic/s.sql:2: unknown key \"severty\" in config() of test \"soft\"");
}
TEST(GenericTest, ErrorsInAMacroNameItAndWhoCallsIt) {
    folder f = with_tests("[positive]");
    f.with("tests/generic/p.sql", "{% test positive(model, column_name) %}\n{{ nope }}{% endtest %}");
    EXPECT_EQ(f.failure().message.substr(0, 25), "tests/generic/p.sql:2:4: ");
    EXPECT_EQ(f.failure().detail, "It is test \"positive\" of models/a.yml:5.");
    f = with_tests("[{not_null: {where: '{{ nope }}'}}]");
    EXPECT_EQ(f.failure().message.substr(0, 15), "models/a.yml:5:");
}
