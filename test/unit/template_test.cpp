#include "core/error.h"
#include "core/graph/graph.h"
#include "core/template/render.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

std::string render(const std::string &source) {
    templating::callbacks calls;
    calls.ref = [](const std::string &name) { return "analytics." + name; };
    calls.source = [](const std::string &tap, const std::string &stream) { return tap + "." + stream; };
    calls.config = [](const auto &) {};
    return templating::render(source, "m.sql", calls);
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

graph diamond() {
    graph g;
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
    EXPECT_EQ(failure("select 1\n  {% for x in y %}"), "m.sql:2:3: \"{%\" blocks are not supported");
    EXPECT_EQ(failure("é {{ rff('x') }}"), "m.sql:1:6: \"rff\" is not known here");
    EXPECT_EQ(failure("{{ ref('x') "), "m.sql:1:1: \"{{\" is not closed after the call of \"ref\"");
    EXPECT_EQ(failure("{# x"), "m.sql:1:1: the comment \"{#\" is never closed");
    EXPECT_EQ(failure("{{ ref('x', 'y') }}"), "m.sql:1:4: \"ref\" takes one quoted name");
}
TEST(Template, ReferencesCarryTheirLines) {
    auto found = templating::find_references("select\n{{ ref('x') }}, {{ ref('x') }}, {{ source('t','s') }}", "m.sql");
    EXPECT_EQ(found.refs, std::vector<std::string>{"x"});
    EXPECT_EQ(found.lines.at("x"), 2);
    EXPECT_EQ(found.sources.size(), 1u);
}

TEST(Graph, OrderPutsInputsFirst) { EXPECT_EQ(diamond().order(), (std::vector<std::string>{"a", "b", "c", "d"})); }
TEST(Graph, CircleIsNamed) {
    graph g = diamond();
    g.add_edge("d", "a");
    try {
        g.order();
        FAIL();
    } catch (const error &e) {
        EXPECT_EQ(e.sqlstate, sqlstate::bad_graph);
        EXPECT_NE(e.message.find("a -> b -> d -> a"), std::string::npos) << e.message;
    }
}
TEST(Selection, FollowsTheGrammar) {
    const graph g = diamond();
    EXPECT_EQ(select_nodes(g, "*").size(), 4u);
    EXPECT_EQ(select_nodes(g, "b"), names{"b"});
    EXPECT_EQ(select_nodes(g, "+b"), (names{"a", "b"}));
    EXPECT_EQ(select_nodes(g, "b+"), (names{"b", "d"}));
    EXPECT_EQ(select_nodes(g, "1+d"), (names{"b", "c", "d"}));
    EXPECT_EQ(select_nodes(g, "@b"), (names{"a", "b", "c", "d"}));
    EXPECT_EQ(select_nodes(g, "b c"), (names{"b", "c"}));
    EXPECT_EQ(select_nodes(g, "+b,+c"), names{"a"});
    EXPECT_THROW(select_nodes(g, " "), error);
    EXPECT_THROW(select_nodes(g, "nope"), error);
}
