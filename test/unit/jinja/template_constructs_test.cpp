#include "core/error.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

using namespace barometre;
using jinja::callbacks;
using jinja::relation;
using jinja::value;

/// What each construct of doc/models.md prints. The expected texts are those of Jinja 3.1; where the engine means to
/// differ, the test says so.
namespace {

callbacks known() {
    callbacks calls;
    calls.ref = [](const std::string &name) { return relation("\"db\".\"analytics\".\"" + name + "\""); };
    calls.source = [](const std::string &tap, const std::string &stream) { return relation(tap + "." + stream); };
    calls.config = [](const auto &) {};
    calls.names["xs"] = jinja::list{1, 2, 3};
    calls.names["n"] = 5;
    calls.names["s"] = "héllo";
    jinja::dict d;
    d.set("a", 1);
    d.set("b", "two");
    calls.names["d"] = std::move(d);
    return calls;
}

std::string out(const std::string &source, callbacks calls = known()) {
    try {
        return jinja::render_lines(source, "m.sql", calls).text;
    } catch (const error &e) {
        return "error: " + e.message;
    }
}

std::string hint(const std::string &source, callbacks calls = known()) {
    try {
        return jinja::render_lines(source, "m.sql", calls).text;
    } catch (const error &e) {
        EXPECT_EQ(e.sqlstate, sqlstate::project_invalid);
        return e.hint;
    }
}

callbacks with_macros(const std::string &source) {
    auto library = std::make_shared<jinja::macro_library>();
    library->add(source, "macros/all.sql");
    callbacks calls = known();
    calls.macros = library;
    return calls;
}

} // namespace

TEST(Template, Literals) {
    EXPECT_EQ(out("{{ true }} {{ True }} {{ false }} {{ none }} {{ None }}"), "True True False None None");
    EXPECT_EQ(out("{{ 1 }} {{ 1_000 }} {{ 1.5 }} {{ 2.0 }} {{ 1e3 }} {{ 1e16 }} {{ 0.00001 }} {{ 0.1 + 0.2 }}"),
              "1 1000 1.5 2.0 1000.0 1e+16 1e-05 0.30000000000000004");
    EXPECT_EQ(out(R"({{ 'a\'b' }} {{ "a\"b" }} {{ 'a' "b" }} {{ '\x41\u00e9\t|\q' }})"), "a'b a\"b ab A\xC3\xA9\t|\\q");
    EXPECT_EQ(out("{{ (1) }} {{ (1,) }} {{ 1, 2 }} {{ () }} {{ [1, 2,] }} {{ {'a': 1, 'b': [none]} }}"),
              "1 (1,) (1, 2) () [1, 2] {'a': 1, 'b': [None]}");
    EXPECT_EQ(out("{{ 9223372036854775808 }}"), "error: m.sql:1:4: the number 9223372036854775808 is too large");
    EXPECT_EQ(out("{{ 'a\n }}"), "error: m.sql:1:4: the quoted text is never closed");
}
TEST(Template, ListsPrintAsInPython) {
    EXPECT_EQ(out(R"(array {{ ['Écoute', 'a', "d'accord", 'q"', 1.0, true] }})"),
              "array ['Écoute', 'a', \"d'accord\", 'q\"', 1.0, True]");
    EXPECT_EQ(out(R"({{ ['both\'"', '\n\\', '\u200b', '\xa0'] }})"), R"(['both\'"', '\n\\', '\u200b', '\xa0'])");
}
TEST(Template, Operators) {
    EXPECT_EQ(out("{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ -7.5 % 2 }} {{ 2 ** "
                  "10 }} {{ 2 ** -1 }}"),
              "5.0 3 -4 2 -2 0.5 1024 0.5");
    EXPECT_EQ(out("{{ 1 ~ 2 ~ none }} {{ 'a' + 'b' }} {{ 'ab' * 2 }} {{ [1] + [2] * 2 }} {{ '%s=%03d' % ('a', 7) }}"),
              "12None ab abab [1, 2, 2] a=007");
    EXPECT_EQ(out("{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 'a' != 'b' }} {{ 2 >= 2 }} {{ [1] < [2] }} {{ "
                  "(1,) == [1] }}"),
              "True False True True True True False");
    EXPECT_EQ(out("{{ 'a' in 'cat' }} {{ 4 not in xs }} {{ 'a' in d }} {{ not 1 in xs }}"), "True True True False");
    EXPECT_EQ(out("{{ '' or 'y' }} {{ 0 and 1 }} {{ not n == 5 }} {{ true or false and false }}"), "y 0 False True");
    EXPECT_EQ(out("{{ 'a' if n == 5 else 'b' }} {{ 'a' if n == 4 else 'b' if n == 5 else 'c' }} [{{ 'a' if n == 4 }}]"),
              "a b []");
    EXPECT_EQ(out("{{ 2**3**2 }} {{ -2**2 }}"), "64 4"); // from left to right, and the sign first: Jinja, not Python
    EXPECT_EQ(out("{{ 1 + 'a' }}"), "error: m.sql:1:6: \"+\" can't be used with an integer and a text");
    EXPECT_EQ(out("{{ 1 // 0 }}"), "error: m.sql:1:6: division by zero");
    EXPECT_EQ(out("{{ 'a' < 1 }}"), "error: m.sql:1:8: a text and an integer have no order");
    EXPECT_EQ(out("{{ 9223372036854775807 + 1 }}"),
              "error: m.sql:1:24: the result is too large for an integer"); // Python has no limit
}
TEST(Template, IndexesSlicesAndAttributes) {
    EXPECT_EQ(
        out("{{ d.a }} {{ d['b'] }} {{ xs[0] }} {{ xs[-1] }} {{ xs.1 }} {{ s[1] }} {{ {'a': {'b': [7]}}.a.b[0] }}"),
        "1 two 1 3 2 é 7");
    EXPECT_EQ(out("{{ xs[1:] }} {{ xs[:-1] }} {{ xs[::-1] }} {{ s[1:3] }} {{ (1, 2)[:1] }} {{ xs[5:] }}"),
              "[2, 3] [1, 2] [3, 2, 1] él (1,) []");
    EXPECT_EQ(out("{{ xs[3] }}"), "error: m.sql:1:7: a list has no item 3");
    EXPECT_EQ(out("{{ d.bb }}"), "error: m.sql:1:6: the dict has no key \"bb\"");
    EXPECT_EQ(hint("{{ d.bb }}"), "Did you mean \"b\"?");
    EXPECT_EQ(out("{{ d.items }}"), "error: m.sql:1:6: the method \"items\" is not called");
}
TEST(Template, Methods) {
    EXPECT_EQ(out("{{ s.upper() }} {{ 'A'.lower() }} [{{ ' x '.strip() }}] {{ 'xxa'.lstrip('x') }} {{ 'ab cd'.title() "
                  "}} {{ 'aBC'.capitalize() }}"),
              "HÉLLO a [x] a Ab Cd Abc");
    EXPECT_EQ(
        out("{{ 'a,b,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ '-'.join(['a', 'b']) }}"),
        "['a', 'b', 'c'] ['a', 'b'] ['a', 'b,c'] a-b");
    EXPECT_EQ(out("{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'aXa'.replace('a', 'b', 1) }} {{ "
                  "'{}-{0}-{k}'.format(1, k=2) }}"),
              "True True bXa 1-1-2");
    EXPECT_EQ(
        out("{{ d.items() }} {{ d.keys() }} {{ d.values() }} {{ d.get('a') }} {{ d.get('z') }} {{ d.get('z', 0) }}"),
        "[('a', 1), ('b', 'two')] ['a', 'b'] [1, 'two'] 1 None 0"); // plain lists
    EXPECT_EQ(out("{% set l = [] %}{% do l.append('x') %}{% do l.extend([1, 2]) %}{{ l }}{{ l.pop() }}{{ l.index(1) "
                  "}}{{ l|length }}"),
              "['x', 1, 2]212");
    EXPECT_EQ(out("{% do d.update({'c': 3}) %}{{ d }}"), "{'a': 1, 'b': 'two', 'c': 3}");
    EXPECT_EQ(out("{{ 'a'.uper() }}"), "error: m.sql:1:8: a text has no method \"uper\"");
    EXPECT_EQ(hint("{{ 'a'.uper() }}"), "Did you mean \"upper\"?");
}
TEST(Template, Filters) {
    EXPECT_EQ(out("{{ xs|join(', ') }} {{ 'ab'|join('-') }} {{ [{'k': 1}, {'k': 2}]|join('+', attribute='k') }} {{ "
                  "[]|join }}"),
              "1, 2, 3 a-b 1+2 ");
    EXPECT_EQ(out("{{ s|upper }} {{ 'AB'|lower }} [{{ ' x '|trim }}] {{ 'a b'|replace(' ', '_') }} {{ 1|replace(1, 2) "
                  "}} {{ s|length }} {{ d|length }}"),
              "HÉLLO ab [x] a_b 2 5 2");
    EXPECT_EQ(out("{{ '42'|int }} {{ '4.7'|int }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ 3.9|int }} {{ '1.5'|float }} {{ "
                  "'x'|float }} {{ 2|float }}"),
              "42 4 0 7 3 1.5 0.0 2.0");
    EXPECT_EQ(out("{{ nope|default('z') }} {{ nope.a|default('z') if false else 'q' }} {{ ''|default('z', true) }} {{ "
                  "none|d('z') }} {{ d.zz|default(1) }}"),
              "z q z None 1");
    EXPECT_EQ(out("{{ 'ab'|list }} {{ xs|first }} {{ xs|last }} {{ ['b', 'A', 'a']|sort }} {{ [1, 3, "
                  "2]|sort(reverse=true) }} {{ ['a', 'A', 'b']|unique }}"),
              "['a', 'b'] 1 3 ['A', 'a', 'b'] [3, 2, 1] ['a', 'b']");
    EXPECT_EQ(out("{{ ['b', 'A']|sort(case_sensitive=true) }} {{ [{'k': 2}, {'k': 1}]|sort(attribute='k') }}"),
              "['A', 'b'] [{'k': 1}, {'k': 2}]");
    EXPECT_EQ(out("{{ ['a']|map('upper') }} {{ [{'k': 1}]|map(attribute='k') }} {{ xs|select('odd') }} {{ "
                  "xs|reject('odd') }} {{ [{'k': 1}, {'k': 2}]|selectattr('k', 'gt', 1) }}"),
              "['A'] [1] [1, 3] [2] [{'k': 2}]"); // lists
    EXPECT_EQ(out("{{ xs|sum }} {{ xs|min }} {{ xs|max }} {{ -3|abs }} {{ 2.567|round(1) }} {{ 2.5|round }} {{ "
                  "xs|reverse }} {{ 'ab'|reverse }} {{ [1]|string }}"),
              "6 1 3 3 2.6 2.0 [3, 2, 1] ba [1]");
    EXPECT_EQ(out("{{ '%s-%s'|format(1, 'a') }} {{ 'aB'|capitalize }}"), "1-a Ab");
    EXPECT_EQ(out("{{ xs|joyn }}"), "error: m.sql:1:7: there is no filter \"joyn\"");
    EXPECT_EQ(hint("{{ xs|joyn }}"), "Did you mean \"join\"?");
    EXPECT_EQ(out("{{ []|first }}"), "error: m.sql:1:7: there is no first item of what is empty");
    EXPECT_EQ(out("{{ xs|length(1) }}"), "error: m.sql:1:7: \"length\" takes no arguments");
}
TEST(Template, Tests) {
    EXPECT_EQ(out("{{ nope is defined }} {{ n is defined }} {{ nope is not defined }} {{ d.z is defined }} {{ nope is "
                  "undefined }}"),
              "False True True False True");
    EXPECT_EQ(out("{{ none is none }} {{ 's' is string }} {{ 1.5 is number }} {{ 1 is integer }} {{ true is integer }} "
                  "{{ 1.5 is float }} {{ true is boolean }}"),
              "True True True True False True True");
    EXPECT_EQ(out("{{ [] is iterable }} {{ d is mapping }} {{ s is sequence }} {{ 1 is iterable }} {{ 3 is odd }} {{ 4 "
                  "is even }} {{ 9 is divisibleby 3 }} {{ 1 is in xs }} {{ true is sameas true }}"),
              "True True True False True True True True True");
    EXPECT_EQ(out("{{ 1 is foo }}"), "error: m.sql:1:9: there is no test \"foo\"");
}
TEST(Template, Loops) {
    EXPECT_EQ(out("{% for x in xs %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.length }}{{ \", \" "
                  "if not loop.last else \"\" }}{% endfor %}"),
              "1/0/3/3, 2/1/2/3, 3/2/1/3");
    EXPECT_EQ(out("{% for k, v in d.items() %}{{ k }}={{ v }}{% if loop.first %};{% endif %}{% endfor %}"),
              "a=1;b=two");
    EXPECT_EQ(out("{% for x in [] %}x{% else %}none{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for c in 'hé' "
                  "%}{{ c }}.{% endfor %}"),
              "noneabh.é.");
    EXPECT_EQ(out("{% for x in xs if x != 2 %}{{ loop.index }}:{{ x }} {% endfor %}"), "1:1 2:3 ");
    EXPECT_EQ(out("{% for x in xs %}{% for y in xs %}{{ loop.index }}{% endfor %}{{ loop.cycle('a', 'b') }}{{ "
                  "loop.previtem|default('-') }}{% endfor %}"),
              "123a-123b1123a2");
    EXPECT_EQ(out("{% for i in range(1, 7, 2) %}{{ i }}{% endfor %}"), "135");
    EXPECT_EQ(out("{% for x in 5 %}{% endfor %}"), "error: m.sql:1:13: an integer can't be looped over");
    EXPECT_EQ(out("{% for a, b in [(1, 2, 3)] %}{% endfor %}"), "error: m.sql:1:4: there are 2 names, but 3 values");
}
TEST(Template, SetAndItsScope) {
    EXPECT_EQ(out("{% set x = 1 %}{% for i in xs %}{{ x }}{% set x = i * 10 %}{{ x }} {% endfor %}{{ x }}"),
              "110 120 130 1");
    EXPECT_EQ(out("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}{% set a, b = [3, 4] %}{{ a }}{{ b }}"),
              "234");
    EXPECT_EQ(out("{% set ns = namespace(t=0) %}{% for x in xs %}{% set ns.t = ns.t + x %}{% endfor %}{{ ns.t }}"),
              "6");
    EXPECT_EQ(out("{% set b %} a{{ n }} {% endset %}[{{ b }}]"), "[ a5 ]");
    EXPECT_EQ(out("{% set d.a = 1 %}"), "error: m.sql:1:4: \"d\" is no namespace");
}
TEST(Template, Conditions) {
    EXPECT_EQ(out("{% if n > 5 %}a{% elif n == 5 %}b{% else %}c{% endif %}{% if [] %}d{% endif %}{% if nope is defined "
                  "and nope %}e{% endif %}"),
              "b");
    EXPECT_EQ(out("{% if x %}{% endif %}"), "error: m.sql:1:7: \"x\" is not known here");
    EXPECT_EQ(out("{% if true %}"), "error: m.sql:1:4: \"{% if %}\" is never closed");
    EXPECT_EQ(out("a\n{% endif %}"), "error: m.sql:2:4: \"{% endif %}\" closes nothing");
}
TEST(Template, WhiteSpaceIsJinjas) {
    EXPECT_EQ(out("a\n{% if true %}\n  b\n{% endif %}\nc\n"), "a\n\n  b\n\nc");
    EXPECT_EQ(out("a\n  {%- if true -%}\n  b\n  {%- endif %}\nc\n\n"), "ab\nc\n");
    EXPECT_EQ(out("a {{- 1 -}} b {#- c -#} d {# e #} f"), "a1bd  f");
    EXPECT_EQ(out("{%+ if true +%} a {%+ endif %}"), " a ");
    EXPECT_EQ(out("{% raw %}{{ x }} {# y #}{% endraw %} {%- raw -%} {{ {%- endraw %}"), "{{ x }} {# y #}{{");
    EXPECT_EQ(out("a\r\nb\r\n"), "a\nb");
    EXPECT_EQ(out("{ { x } } {x} %} }} #} {{ '}}' }}"), "{ { x } } {x} %} }} #} }}");
}
TEST(Template, LinesAreThoseOfTheSource) {
    auto calls = known();
    using list = std::vector<int>;
    EXPECT_EQ(jinja::render_lines("a\nb\n", "m", calls).lines, (list{1, 2}));
    EXPECT_EQ(jinja::render_lines("{% for x in xs %}\n  {{ x }}\n{% endfor %}\nend", "m", calls).lines,
              (list{1, 2, 3, 2, 3, 2, 3, 4}));
    EXPECT_EQ(jinja::render_lines("{% set x = [1,\n2] -%}\n\nselect\n{{ 'a\nb' }}\n1", "m", calls).lines,
              (list{4, 5, 5, 7}));
    EXPECT_EQ(jinja::render("{% set x = [1,\n2] %}\nselect\n", "m", calls),
              "\n\nselect\n"); // where only the lines count
}
TEST(Template, Macros) {
    auto calls =
        with_macros("{# helps #}\n{% macro cents(column, digits=2) -%}\n  ({{ column }} / 100)::numeric({{ digits "
                    "}})\n{%- endmacro %}\n"
                    "{% macro all(columns) %}{% for c in columns %}{{ cents(c) }}{% if not loop.last %}, {% endif %}{% "
                    "endfor %}{% endmacro %}\n"
                    "{% macro numbers() %}{{ return([1, 2]) }}{% endmacro %}\n"
                    "{% macro deep(n) %}{{ deep(n + 1) }}{% endmacro %}\n{% macro down(n) %}{{ n }}{{ down(n - 1) if n "
                    "> 0 else '' }}{% endmacro %}\n"
                    "{% macro bad() %}\n{{ nope }}{% endmacro %}{% macro table(m) %}{{ ref(m) }}{% endmacro %}");
    EXPECT_EQ(out("{{ cents('a') }} {{ cents('b', 3) }} {{ cents(digits=1, column='c') }}", calls),
              "(a / 100)::numeric(2) (b / 100)::numeric(3) (c / 100)::numeric(1)");
    EXPECT_EQ(out("{{ all(['a', 'b']) }}", calls), "(a / 100)::numeric(2), (b / 100)::numeric(2)");
    EXPECT_EQ(out("{% for x in numbers() %}{{ x }};{% endfor %}{{ down(3) }}", calls), "1;2;3210");
    EXPECT_EQ(out("{{ deep(1) }}", calls), "error: macros/all.sql:7:23: macros call each other too deeply");
    EXPECT_EQ(out("{{ bad() }}", calls), "error: macros/all.sql:10:4: \"nope\" is not known here");
    EXPECT_EQ(out("{{ cents() }}", calls), "error: m.sql:1:4: \"cents\" lacks its argument \"column\"");
    EXPECT_EQ(out("{{ cents('a', 1, 2) }}", calls), "error: m.sql:1:4: \"cents\" takes at most 2 arguments");
    EXPECT_EQ(out("{{ cents('a', digit=1) }}", calls), "error: m.sql:1:4: \"cents\" has no argument \"digit\"");
    EXPECT_EQ(hint("{{ sents('a') }}", calls), "Did you mean \"cents\"?");
    EXPECT_EQ(out("{% macro m(a, b=a) %}{{ a }}{{ b }}{{ n }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}"), "115125");
    EXPECT_EQ(jinja::find_references("\n{{ table('x') }}", "m.sql", calls).lines.at("x"), 2);
    jinja::macro_library library;
    auto refused = [&](const std::string &source) {
        try {
            library.add(source, "m.sql");
        } catch (const error &e) {
            return e.message;
        }
        return std::string("none");
    };
    EXPECT_EQ(refused("{% macro this(x) %}{% endmacro %}"),
              "m.sql:1:4: the macro \"this\" has the name of something else");
    EXPECT_EQ(refused("{% macro a(x=1, y) %}{% endmacro %}"),
              "m.sql:1:17: the argument \"y\" has no default, but one before it has");
    EXPECT_EQ(refused("{% macro a() %}{% endmacro %}\n{% macro a() %}{% endmacro %}"),
              "m.sql:2:4: the macro \"a\" is there twice");
    EXPECT_EQ(refused("{% macro a() %}"), "m.sql:1:4: \"{% macro %}\" is never closed");
}
TEST(Template, GenericTestsAreMacros) {
    auto calls = with_macros("{% test positive(model, column_name, least=0) %}select * from {{ model }} where {{ "
                             "column_name }} <= {{ least }}{% endtest %}");
    EXPECT_EQ(jinja::render_macro("test_positive", {{"model", relation("a.b")}, {"column_name", "c"}}, calls).text,
              "select * from a.b where c <= 0");
}
TEST(Template, FunctionsOfDbt) {
    auto calls = known();
    calls.self = relation("\"db\".\"s\".\"t\"");
    calls.target = {{"schema", "analytics"}, {"type", "postgres"}};
    calls.vars = std::make_shared<jinja::variables>(jinja::variables{{"day", "2020-01-01"}, {"list", jinja::list{1}}});
    EXPECT_EQ(out("{{ ref('x') }} {{ ref('x').schema }} {{ ref('x').name }} {{ source('t', 's').identifier }} {{ "
                  "source('t', 's') }}",
                  calls),
              "\"db\".\"analytics\".\"x\" analytics x s t.s");
    EXPECT_EQ(out("{{ this }} {{ this.schema }}.{{ this.identifier }} {{ target.schema }} {{ target.type }}", calls),
              "\"db\".\"s\".\"t\" s.t analytics postgres");
    EXPECT_EQ(out("{{ var('day') }} {{ var('none', 7) }} {% do var('list').append(2) %}{{ var('list') }}", calls),
              "2020-01-01 7 [1]");
    EXPECT_EQ(out("{{ var('dai') }}", calls), "error: m.sql:1:4: there is no variable \"dai\"");
    EXPECT_EQ(hint("{{ var('dai') }}", calls), "Did you mean \"day\"?");
    EXPECT_EQ(out("a{% if is_incremental() %} where x{% endif %}", calls), "a");
    calls.is_incremental = true;
    EXPECT_EQ(out("a{% if is_incremental() %} where x{% endif %}", calls), "a where x");
    EXPECT_EQ(
        out("{{ config(materialized='view', tags=['a']) }}{{ config.get('materialized') }} {{ config.get('x', 'y') }}",
            calls),
        "view y");
    EXPECT_EQ(out("{{ exceptions.raise_compiler_error('no ' ~ n) }}", calls), "error: m.sql:1:15: no 5");
    EXPECT_EQ(out("{{ this }}"), "error: m.sql:1:4: \"this\" is not known here");
}
TEST(Template, WhatReachesOutsideIsRefused) {
    for (const std::string name : {"run_query", "statement", "graph", "load_result"})
        EXPECT_EQ(out("a\n {{ " + name + "('x') }}"),
                  "error: m.sql:2:5: \"" + name + "\" is not available in templates");
    EXPECT_EQ(out("{% call statement('x') %}select 1{% endcall %}"),
              "error: m.sql:1:9: \"statement\" is not available in templates");
    EXPECT_EQ(out("{% include 'x' %}"), "error: m.sql:1:4: the statement \"include\" is not supported");
    EXPECT_EQ(hint("{% fro x in xs %}"), "Did you mean \"for\"?");
    // Naming a module of Python does nothing yet: packages do, for what is seldom used.
    EXPECT_EQ(out("{% set re = modules.re %}{{ 1 }}"), "1");
    EXPECT_EQ(out("{{ modules.datetime.date.today() }}"),
              "error: m.sql:1:26: \"modules.datetime.date.today\" is not available in templates");
}
TEST(Template, ReferencesOfBothBranches) {
    auto context = known();
    context.vars = std::make_shared<jinja::variables>(jinja::variables{{"v", true}});
    auto found = jinja::find_references(
        "{{ config(tags=['a'], indexes=[{'columns': ['x'], 'unique': true}]) }}{% if is_incremental() %}{{ ref('b') "
        "}}{% else %}{{ ref('a') }}{% endif %}\n"
        "{% if var('v') %}{{ source('t', 's') }}{% endif %}{{ ref('c') }}",
        "m.sql", context);
    EXPECT_EQ(found.refs, (std::vector<std::string>{"a", "c", "b"}));
    EXPECT_EQ(found.sources.size(), 1u);
    EXPECT_EQ(found.lines.at("t.s"), 2);
    EXPECT_EQ(found.vars, std::vector<std::string>{"v"});
    EXPECT_TRUE(found.asks_incremental);
    EXPECT_EQ(found.config.at("tags"), std::vector<std::string>{"a"});
    EXPECT_EQ(jinja::printed(found.settings.at("indexes")), "[{'columns': ['x'], 'unique': True}]");
}
TEST(Template, UndefinedNamesAreErrors) {
    EXPECT_EQ(out("select 1\n, {{ nope }}"), "error: m.sql:2:6: \"nope\" is not known here");
    EXPECT_EQ(hint("{{ reff('x') }}"), "Did you mean \"ref\"?");
    EXPECT_EQ(out("{% set x = nope %}{{ x is defined }}"), "False");
    EXPECT_EQ(out("{% set x = nope %}\n{{ x }}"), "error: m.sql:1:12: \"nope\" is not known here");
}
// They ended every session of the server.
TEST(Template, WhatIsNestedWithoutEndIsDestroyedInALoop) {
    const std::string deep = "{% set ns = namespace(a=[1]) %}{% for i in range(20000) %}";
    for (const std::string body : {"{% set ns.a = [ns.a] %}", "{% set ns.a = (ns.a, i) %}",
                                   "{% set ns.a = {'k': ns.a} %}", "{% set ns.a = [{'k': (ns.a,)}] %}"})
        EXPECT_EQ(out(deep + body + "{% endfor %}x"), "x") << body;
    EXPECT_EQ(out("{% macro m() %}" + deep + "{% set ns.a = [ns.a] %}{% endfor %}y{% endmacro %}{{ m() }}"), "y");
    EXPECT_NE(out(deep + "{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}").find("too deeply"), std::string::npos);
    EXPECT_NE(out(deep + "{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a == [ns.a] }}").find("too deeply"),
              std::string::npos);
}
TEST(Template, LimitsHold) {
    EXPECT_EQ(out("{% for i in range(100000000) %}{% endfor %}"),
              "error: m.sql:1:13: the template makes too much text");
    EXPECT_EQ(out("{{ 'a' * 1000000000 }}"), "error: m.sql:1:8: the template makes too much text");
    EXPECT_EQ(out("{{ 2 ** 64 }}"), "error: m.sql:1:6: the result is too large for an integer");
    auto few = known();
    few.limits.steps = 100'000;
    EXPECT_NE(out("{% set l = range(400) %}{% for a in l %}{% for b in l %}{{ b }}{% endfor %}{% endfor %}", few)
                  .find("the template takes too many steps"),
              std::string::npos);
    EXPECT_EQ(out("{% set l = [] %}{% do l.append(l) %}{{ l }}"),
              "error: m.sql:1:37: lists and dicts are nested too deeply to be printed");
    EXPECT_EQ(out("{% set l = ['x' * 1000] %}{% for i in range(60) %}{% do l.append(l + l) %}{% endfor %}{{ l }}")
                  .substr(0, 7),
              "error: ");
    EXPECT_EQ(out("{{ " + std::string(100000, '(') + " }}"), "error: m.sql:1:100003: \"(\" is never closed");
    EXPECT_EQ(out("{{ " + std::string(100000, '(') + "1" + std::string(100000, ')') + " }}").substr(0, 13),
              "error: m.sql:");
    std::string deep, chain = "{{ 1";
    for (int i = 0; i < 5000; ++i)
        deep += "{% if true %}", chain += " + 1";
    for (int i = 0; i < 5000; ++i)
        deep += "{% endif %}";
    EXPECT_NE(out(deep).find("the template is nested too deeply"), std::string::npos);
    EXPECT_NE(out(chain + " }}").find("the template is nested too deeply"), std::string::npos);
    EXPECT_NE(out("{% macro a(n) %}{{ [[[[[[[[[[[a(n)]]]]]]]]]]] }}{% endmacro %}{{ a(1) }}").find("too deeply"),
              std::string::npos);
    auto calls = known();
    calls.limits.output = 10;
    EXPECT_EQ(out("{% for x in xs %}abcd{% endfor %}", calls), "error: m.sql:1:18: the template makes too much text");
}
// Each template was bounded, and a project of many was not.
TEST(Template, AllOfAProjectHaveOneBudget) {
    auto with = [](budget left, const std::string &source) {
        auto calls = known();
        calls.spending = std::make_shared<budget>(left);
        out("{{ 'one' }}", calls);
        return out(source, calls);
    };
    const std::string loop = "{% for x in range(100) %}{{ x }}{% endfor %}", at = "error: m.sql:1:";
    EXPECT_EQ(with({.steps = 10'000}, "{{ 1 }}"), "1");
    EXPECT_NE(with({.steps = 100}, loop).find("the templates of the project take too many steps"), std::string::npos);
    EXPECT_NE(with({.bytes = 1000}, loop).find("the templates of the project make too much text"), std::string::npos);
    EXPECT_NE(with({.time = std::chrono::nanoseconds(0)}, loop).find("the templates of the project take too long"),
              std::string::npos);
    EXPECT_EQ(with({.steps = 100}, loop).substr(0, at.size()), at) << "with its place";
}
