#include "core/error.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

using namespace barometre;
using jinja::relation;

/// Macros and what calls them, and what a file of macros may hold beside them. The texts are those of Jinja 3.1.
namespace {

jinja::callbacks with_library(const std::string &source = "") {
    auto library = std::make_shared<jinja::macro_library>();
    library->add(source, "macros/all.sql");
    jinja::callbacks calls;
    calls.ref = [](const std::string &name) { return relation("s." + name); };
    calls.source = [](const std::string &tap, const std::string &stream) { return relation(tap + "." + stream); };
    calls.config = [](const auto &) {};
    calls.macros = library;
    return calls;
}

std::string made(const std::string &source, jinja::callbacks calls = with_library()) {
    try {
        return jinja::render_lines(source, "m.sql", calls).text;
    } catch (const error &e) {
        return "error: " + e.message;
    }
}

} // namespace

TEST(TemplateMacros, CallBlocksHandOverTheirText) {
    EXPECT_EQ(made("{% macro m(a) %}<{{ a }}{{ caller() }}>{% endmacro %}{% call m(1) %}x{% endcall %}"), "<1x>");
    EXPECT_EQ(made("{% macro m(xs) %}{% for x in xs %}{{ caller(x, loop.index) }};{% endfor %}{% endmacro %}"
                   "{% set o = 'o' %}{% for i in [7] %}{% call(a, b=0) m(['p', 'q']) %}{{ a }}{{ b }}{{ i }}{{ o }}"
                   "{% endcall %}{% endfor %}"),
              "p17o;q27o;"); // it sees what is around it
    EXPECT_EQ(made("{% macro m() %}{{ caller() if caller else 'none' }}{% endmacro %}{{ m() }}"), "none");
    EXPECT_EQ(made("{% macro m() %}x{% endmacro %}{% call m() %}{% endcall %}"),
              "error: m.sql:1:39: \"m\" has no argument \"caller\"");
    EXPECT_EQ(made("{% macro m() %}{{ caller() }}{% endmacro %}\n{{ m() }}"),
              "error: m.sql:2:4: \"m\" is not called by {% call %}, and has no caller");
    EXPECT_EQ(made("{% call outer() %}{% call inner() %}z{% endcall %}{% endcall %}",
                   with_library("{% macro outer() %}o({{ caller() }}){% endmacro %}{% macro inner() %}i({{ caller() "
                                "}}){% endmacro %}")),
              "o(i(z))");
}
TEST(TemplateMacros, ArgumentsMayBeMoreThanTheMacroNames) {
    EXPECT_EQ(made("{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}"),
              "1(2, 3){'k': 4}");
    EXPECT_EQ(made("{% macro m(a, b=2, c=3) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(*[1, 5], **{'c': 9}) }}"), "159");
    EXPECT_EQ(made("{% macro m(a) %}{% endmacro %}{{ m(1, **{'a': 2}) }}"),
              "error: m.sql:1:34: \"m\" gets its argument \"a\" twice");
    EXPECT_EQ(made("{% macro m(a) %}{{ caller is defined }}{% endmacro %}{{ m(1, 2) }}"),
              "error: m.sql:1:57: \"m\" takes one argument");
    EXPECT_EQ(made("{{ dict(**[1]) }}"), "error: m.sql:1:4: \"**\" takes a dict, not a list");
}
// It was an error to ask for it at all.
TEST(TemplateMacros, AnArgumentThatWasLeftOutIsFalse) {
    EXPECT_EQ(made("{% macro m(a) %}{% if a %}x{% endif %}{{ a is defined }}{{ a is none }}{{ a == 'x' }}{{ a != 1 }}"
                   "{{ not a }}{{ a in [1] }}{{ a or 'o' }}{{ a|default('d') }}{% endmacro %}{{ m() }}"),
              "FalseFalseFalseTrueTrueFalseod");
    EXPECT_EQ(made("{% macro m(a) %}\n{{ a }}{% endmacro %}{{ m() }}"),
              "error: m.sql:2:25: \"m\" lacks its argument \"a\"");
    EXPECT_EQ(made("{% macro n(b) %}{{ b|default('-') }}{% endmacro %}{% macro m(a) %}{{ n(a) }}{% endmacro %}{{ m() "
                   "}}"),
              "-");
    EXPECT_EQ(made("{% if nobody %}{% endif %}"), "error: m.sql:1:7: \"nobody\" is not known here");
}
TEST(TemplateMacros, AMacroInABlockSeesWhatIsAroundIt) {
    EXPECT_EQ(made("{% for i in [1, 2] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}"), "12");
    EXPECT_EQ(made("{{ outer(3) }}", with_library("{% macro outer(x) %}{% macro inner() %}{{ x }}{% endmacro %}{{ "
                                                  "inner() }}{% endmacro %}")),
              "3");
}
// One block that is not supported made all macros of its file unknown.
TEST(TemplateMacros, WhatIsNotSupportedStopsNobodyElse) {
    const std::string file = "{% set x = 1 %}{% macro before() %}b{% endmacro %}\n"
                             "{% materialization x, adapter='postgres' %}{% set y = % z %}{{ run_query('a') }}"
                             "{% endmaterialization %}\n"
                             "{% snapshot s %}select 1{% endsnapshot %}{% docs d %}text{% enddocs %}\n"
                             "{% macro bad() %}\n{% import 'x' as y %}{% break %}"
                             "{% include 'z' %}{% endmacro %}\n"
                             "{% macro after() %}a{% call statement('q') %}select 1{% endcall %}{% endmacro %}";
    EXPECT_EQ(made("{{ before() }}", with_library(file)), "b");
    EXPECT_EQ(made("{{ bad() }}", with_library(file)), "error: macros/all.sql:5:4: the statement \"import\" is not "
                                                       "supported");
    EXPECT_EQ(made("{{ after() }}", with_library(file)),
              "error: macros/all.sql:6:29: \"statement\" is not available in templates");
    EXPECT_EQ(made("{% if false %}{% include 'x' %}{% endif %}ok"), "ok");
    EXPECT_EQ(made("\n{% snapshot a %}{% endsnapshot %}"), "error: m.sql:2:4: a snapshot can't stand here");
    EXPECT_EQ(made("{% fro x in [1] %}{% endfor %}"), "error: m.sql:1:4: the statement \"fro\" is not supported");
    EXPECT_EQ(made("{% endwhile %}"), "error: m.sql:1:4: \"{% endwhile %}\" closes nothing");
}
// A macro could not have the name of a function, so that a package which has one could not be read.
TEST(TemplateMacros, AMacroMayTakeTheNameOfAFunction) {
    auto calls = with_library("{% macro ref(name) %}{{ return(builtins.ref('my_' ~ name)) }}{% endmacro %}"
                              "{% macro var(name) %}{{ builtins.var(name, 'none') }}{% endmacro %}");
    EXPECT_EQ(made("{{ ref('x') }} {{ ref('x').name }} {{ builtins.ref('x') }} {{ var('v') }}", calls),
              "s.my_x my_x s.x none");
    EXPECT_EQ(made("{% set r = builtins.source %}{{ r('a', 'b') }}"), "a.b");
    EXPECT_EQ(made("{{ builtins.nothing('a') }}"), "error: m.sql:1:13: \"builtins.nothing\" is not known here");
    EXPECT_EQ(jinja::find_references("{{ ref('x') }}", "m.sql", calls).refs, std::vector<std::string>{"my_x"});
}
TEST(TemplateMacros, WhatTemplatesSayIsHandedOver) {
    auto calls = with_library();
    std::vector<std::string> said;
    calls.say = [&](const std::string &text, bool warns) { said.push_back((warns ? "w:" : "n:") + text); };
    EXPECT_EQ(made("[{{ log('a', info=true) }}{{ log('quiet') }}{{ print(1) }}{{ exceptions.warn('b') }}]", calls),
              "[]");
    EXPECT_EQ(said, (std::vector<std::string>{"n:a", "n:1", "w:b"}));
    said.clear();
    jinja::find_references("{{ print(1) }}{% if is_incremental() %}{% endif %}", "m.sql", calls);
    EXPECT_TRUE(said.empty()); // who looks for references says nothing
}
TEST(TemplateMacros, LoopsCanBeLeft) {
    EXPECT_EQ(
        made("{% for x in [1, 2, 3, 4] %}{% if x == 2 %}{% continue %}{% elif x == 4 %}{% break %}{% endif %}{{ x }}"
             "{% else %}e{% endfor %}."),
        "13.");
    EXPECT_EQ(made("{% for x in 'ab' %}{% for y in 'cd' %}{{ x ~ y }}{% break %}{% endfor %}{% with %}{% continue %}"
                   "{% endwith %}-{% endfor %}"),
              "acbc");
    EXPECT_EQ(made("{% for x in [1, 2] %}{% continue %}{% else %}e{% endfor %}"), "e"); // so it is in Jinja
    EXPECT_EQ(made("{% break %}"), "error: m.sql:1:4: \"break\" is outside of a loop");
    EXPECT_EQ(made("{% for x in [1] %}{% set y %}{% break %}{% endset %}{% endfor %}"),
              "error: m.sql:1:33: \"break\" is outside of a loop");
}
TEST(TemplateMacros, TargetsAreNested) {
    EXPECT_EQ(
        made("{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for a, (b, (c,)) in [[1, "
             "(2, [3])]] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% set (x, y), z = [4, 5], 6 %}{{ x }}{{ y }}{{ z }}"),
        "123123456");
    EXPECT_EQ(made("{% set ns = namespace() %}{% set ns.a, b = 1, 2 %}{{ ns.a }}{{ b }}{% set one, = [3] %}{{ one }}"),
              "123");
    EXPECT_EQ(made("{% for (a, b), c in [(1, 2)] %}{% endfor %}"), "error: m.sql:1:4: an integer can't be looped over");
    EXPECT_EQ(made("{% set (a, b), c = [1], 2 %}"), "error: m.sql:1:4: there are 2 names, but 1 value");
}
TEST(TemplateMacros, BlocksWithFiltersAndVariablesOfTheirOwn) {
    EXPECT_EQ(made("{% set x | trim | upper %} a {% endset %}[{{ x }}]"), "[A]");
    EXPECT_EQ(made("{% filter replace('a', 'b') | upper %}{% set y = 1 %}cat{% endfilter %}{{ y is defined }}"),
              "CBTFalse");
    EXPECT_EQ(made("{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}{{ b is defined }}"),
              "211False");
    EXPECT_EQ(made("{% for x in [1, [2, [3]]] recursive %}{{ loop.depth }}{{ x if x is number else loop(x) }}{% endfor "
                   "%}"),
              "1112223"
              "3");
    EXPECT_EQ(made("{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{{ loop.cycle('a', 'b') }}{% endfor %}"),
              "TrueaFalsebTruea");
    EXPECT_EQ(made("{% filter nope %}{% endfilter %}"), "error: m.sql:1:11: there is no filter \"nope\"");
}
// Each held the one before it, and their destruction went down recursively.
TEST(TemplateMacros, ChainsOfMacrosAndLoopsAreDestroyedInALoop) {
    const std::string many = "{% set ns = namespace(a=1) %}{% for i in range(20000) %}";
    EXPECT_EQ(made(many + "{% set p = ns.a %}{% macro m() %}{{ p }}{% endmacro %}{% set ns.a = m %}{% endfor %}x"),
              "x");
    EXPECT_EQ(made(many + "{% for x in [ns.a] %}{% set ns.a = loop %}{% endfor %}{% endfor %}x"), "x");
    EXPECT_EQ(made(many + "{% set ns.a = cycler(ns.a) %}{% endfor %}x"), "x");
    EXPECT_EQ(made(many + "{% set ns.a = joiner(ns.a) %}{% endfor %}x"), "x");
    EXPECT_NE(made("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}").find("too deeply"), std::string::npos);
    EXPECT_EQ(made("{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% "
                   "endmacro %}{{ n() }}")
                  .find("error: m.sql:"),
              0u);
}

// A macro that only hands an argument on stopped at it.
TEST(Template, WhatIsLeftOutCanBeHandedOn) {
    const std::string macros = "{% macro inner(a, b) %}{{ 'none' if not b else b }}{% endmacro %}"
                               "{% macro outer(a, b) %}{{ inner(a, b) }}{{ inner(a=1, b=nothing) }}{% set l = [a, b] %}"
                               "{{ l | length }}{% for x in l %}{% if x %}{{ x }}{% endif %}{% endfor %}{% endmacro %}";
    EXPECT_EQ(out("{{ outer(7) }}", with_macros(macros)), "nonenone27");
    EXPECT_EQ(out("{{ outer() }}", with_macros(macros)), "nonenone2");
    EXPECT_EQ(out("{{ outer(1, 2) }}", with_macros(macros)), "2none212");
}

// Of the arguments that a macro was not given, a default saw what is called so outside of it.
TEST(Template, ADefaultSeesNoVariableThatIsCalledAsAnArgument) {
    EXPECT_EQ(made("{% set c = 7 %}{% macro m(b=c, c=1) %}{{ b|default('u') }}{{ c }}{% endmacro %}{{ m() }}"), "u1");
    EXPECT_EQ(made("{% set b = 7 %}{% macro m(b=b) %}{{ b is defined }}{% endmacro %}{{ m() }}{{ m(1) }}"),
              "FalseTrue");
    EXPECT_EQ(made("{% macro m(a, b=a+1, c=b+1) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}{{ m(1, c=9) }}"),
              "123129");
}

TEST(Template, WholeNumbersMayBeWrittenInOtherBases) {
    EXPECT_EQ(made("{{ 0x1f }} {{ 0XFF }} {{ 0o17 }} {{ 0b11 }} {{ 0x_1F_f }} {{ -0x10 }} {{ 0x7fffffffffffffff }}"),
              "31 255 15 3 511 -16 9223372036854775807");
    EXPECT_EQ(made("{{ 0x8000000000000000 }}"), "error: m.sql:1:4: the number is too large");
    EXPECT_EQ(made("{{ 0x }}"), "error: m.sql:1:5: \"x\" is not expected here");
    EXPECT_EQ(made("{{ '0x1A'|int(base=16) }} {{ '-0o17'|int(0, 8) }} {{ '0b2'|int(7, 2) }} {{ '0x1'|int(5) }}"),
              "26 -15 7 5");
}

TEST(Template, WholeNumbersStayWholeWhenTheyAreRounded) {
    EXPECT_EQ(made("{{ 1234|round(-2) }} {{ 1250|round(-2) }} {{ 1350|round(-2) }} {{ -1251|round(-2) }} {{ 7|round }} "
                   "{{ 4|round(-20) }} {{ 5|round(-1) }} {{ 15|round(-1) }}"),
              "1200 1200 1400 -1300 7 0 0 20");
    EXPECT_EQ(made("{{ 9223372036854775807|round(-18) }} {{ (-9223372036854775807)|round(-1) }}").substr(0, 6),
              "error:");
}

TEST(Template, TheFilterFormatTakesNamesToo) {
    EXPECT_EQ(made("{{ '%(a)s-%(b)02d'|format(a=1, b=2) }}{{ '%s'|format('x') }}"), "1-02x");
    EXPECT_EQ(made("{{ '%s'|format(1, a=2) }}"),
              "error: m.sql:1:9: \"format\" takes values by name or by place, not both");
}

// It ended the block alone, and what was around it went on.
TEST(Template, ReturnInACallEndsTheMacroThatAsksForTheBlock) {
    const std::string macros = "{% macro wrap() %}[{{ caller() }}]{% endmacro %}"
                               "{% macro early(xs) %}{% for x in xs %}{% call wrap() %}{% if x == 2 %}"
                               "{{ return('got' ~ x) }}{% endif %}{% endcall %}{% endfor %}end{% endmacro %}";
    EXPECT_EQ(out("{{ early([1, 2, 3]) }}", with_macros(macros)), "[]got2[]end");
    EXPECT_EQ(out("{% call wrap() %}a{{ return(1) }}{% endcall %}", with_macros(macros)), "1");
    EXPECT_EQ(out("{% set ns = namespace() %}{% macro keep() %}{% set ns.c = caller %}{% endmacro %}"
                  "{% call keep() %}{{ return(3) }}{% endcall %}{{ ns.c() + 1 }}",
                  with_macros(macros)),
              "4");
}

TEST(Template, WordsBeginWithALetterInTitleCase) {
    EXPECT_EQ(
        made("{{ 'ßa'|capitalize }} {{ 'ß'.title() }} {{ 'ǆ x'.title() }} {{ 'éA b1c'.title() }} {{ 'ß'|upper }}"),
        "Ssa Ss ǅ X Éa B1C SS");
    EXPECT_EQ(made("{{ ''|capitalize }}{{ '1a'.capitalize() }}"), "1a");
}
