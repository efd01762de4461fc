#include "core/error.h"
#include "core/graph/dag.h"
#include "core/jinja/render.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

jinja::callbacks calls_of_tests() {
    jinja::callbacks calls;
    calls.ref = [](const std::string &name) { return "analytics." + name; };
    calls.source = [](const std::string &tap, const std::string &stream) { return tap + "." + stream; };
    calls.config = [](const auto &) {};
    return calls;
}

std::string render(const std::string &source) {
    auto calls = calls_of_tests();
    return jinja::render(source, "m.sql", calls);
}

std::string failure(const std::string &source) {
    try {
        render(source);
    } catch (const error &e) {
        return e.message;
    }
    return "none";
}

using names = std::set<std::string>;

graph::dag diamond() {
    graph::dag g;
    g.add_edge("a", "b");
    g.add_edge("a", "c");
    g.add_edge("b", "d");
    g.add_edge("c", "d");
    return g;
}

} // namespace

TEST(Template, PutsNamesInPlace) {
    EXPECT_EQ(render("select * from {{ ref('x') }} join {{source(\"t\", 's')}}"), "select * from analytics.x join t.s");
    EXPECT_EQ(render("{{ config(materialized='view') }}select 1"), "select 1");
    EXPECT_EQ(render("{{ ref ('x') }}"), "analytics.x");
}
TEST(Template, KeepsTheLinesOfTheSource) {
    EXPECT_EQ(render("a\n{{ ref(\n'x') }}\nb"), "a\nanalytics.x\n\nb");
    EXPECT_EQ(render("{# one\ntwo #}c"), "\nc");
}
TEST(Template, ErrorsNameLineAndColumn) {
    EXPECT_EQ(failure("select 1\n  {% for x in y %}"), "m.sql:2:6: \"{% for %}\" is never closed");
    EXPECT_EQ(failure("é {{ rff('x') }}"), "m.sql:1:6: \"rff\" is not known here");
    EXPECT_EQ(failure("{{ ref('x') "), "m.sql:1:1: \"{{\" is never closed");
    EXPECT_EQ(failure("{# x"), "m.sql:1:1: the comment \"{#\" is never closed");
    EXPECT_EQ(failure("{{ ref('x', 'y') }}"), "m.sql:1:4: \"ref\" takes one quoted name");
}
TEST(Template, ReferencesCarryTheirLines) {
    auto found = jinja::find_references("select\n{{ ref('x') }}, {{ ref('x') }}, {{ source('t','s') }}", "m.sql");
    EXPECT_EQ(found.refs, std::vector<std::string>{"x"});
    EXPECT_EQ(found.lines.at("x"), 2);
    EXPECT_EQ(found.sources.size(), 1u);
}
TEST(Template, ConfigTakesListsAndScalars) {
    const std::string source = "{{ config(tags=['a', \"b\",], volatile=false, schema='s', empty=[]) }}\n{{ "
                               "config(\ntags='c', schema='t') }}select 1";
    auto config = jinja::find_references(source, "m.sql").config;
    using list = std::vector<std::string>;
    EXPECT_EQ(config.at("tags"), (list{"a", "b", "c"}));
    EXPECT_EQ(config.at("volatile"), list{"false"});
    EXPECT_EQ(config.at("schema"), list{"t"});
    EXPECT_EQ(config.at("empty"), list{});
    EXPECT_EQ(render(source), "\n\nselect 1");
    EXPECT_EQ(failure("{{ config(tags=['a' b]) }}"), "m.sql:1:21: \",\" or \"]\" is expected here");
    EXPECT_EQ(failure("{{ config(tags=['a', "), "m.sql:1:16: \"[\" is never closed");
    EXPECT_EQ(failure("{{ config(tags=['a'"), "m.sql:1:16: \"[\" is never closed");
    EXPECT_EQ(failure("{{ config('a') }}"), "m.sql:1:4: \"config\" takes key='value' pairs only");
    EXPECT_EQ(failure("{{ ref(['x']) }}"), "m.sql:1:4: \"ref\" takes one quoted name");
}

TEST(Graph, OrderPutsInputsFirst) { EXPECT_EQ(diamond().order(), (std::vector<std::string>{"a", "b", "c", "d"})); }
TEST(Graph, CircleIsNamed) {
    graph::dag g = diamond();
    g.add_edge("d", "a");
    try {
        g.order();
        FAIL();
    } catch (const error &e) {
        EXPECT_EQ(e.sqlstate, sqlstate::bad_graph);
        EXPECT_NE(e.message.find("a -> b -> d -> a"), std::string::npos) << e.message;
    }
}
TEST(Graph, NodeThatReadsItselfIsACircle) {
    graph::dag g = diamond();
    g.add_edge("d", "d");
    try {
        g.order();
        FAIL();
    } catch (const error &e) {
        EXPECT_EQ(e.sqlstate, sqlstate::bad_graph);
        EXPECT_TRUE(e.message.ends_with(": d -> d")) << e.message;
    }
    EXPECT_EQ(g.descendants("d"), names{});
}
TEST(Graph, CircleIsFoundFromWhatReadsIt) { // "a" comes first, and is not in the circle itself
    graph::dag g;
    g.add_edge("x", "a");
    g.add_edge("x", "x");
    try {
        g.order();
        FAIL();
    } catch (const error &e) {
        EXPECT_TRUE(e.message.ends_with(": x -> x")) << e.message;
    }
}
