#include "core/error.h"
#include "core/graph/selection.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

using names = std::set<std::string>;

// tap_a.logs -> clean -> exp_geo, exp_day -> total; tap_a.other -> clean; tap_b.logs and raw -> lone; check reads
// total.
graph::dag nodes() {
    graph::dag g;
    g.add_edge("tap_a.logs", "clean");
    g.add_edge("tap_a.other", "clean");
    g.add_edge("clean", "exp_geo");
    g.add_edge("clean", "exp_day");
    g.add_edge("exp_geo", "total");
    g.add_edge("exp_day", "total");
    g.add_edge("tap_b.logs", "lone");
    g.add_edge("raw", "lone");
    g.add_edge("total", "check");
    return g;
}

graph::traits known() {
    auto model = [](const std::string &name, const std::string &folder, std::vector<std::string> tags) {
        return graph::node_traits{"model",         "models/" + (folder.empty() ? "" : folder + "/") + name + ".sql",
                                  "table",         "analytics",
                                  std::move(tags), folder};
    };
    graph::traits t;
    t["tap_a.logs"] = {"stream", "barometre.yml", "", "tap_a", {}};
    t["tap_a.other"] = {"stream", "barometre.yml", "", "tap_a", {}};
    t["tap_b.logs"] = {"stream", "barometre.yml", "", "tap_b", {}};
    t["raw"] = {"seed", "seeds/raw.csv", "", "analytics", {"small"}};
    t["clean"] = model("clean", "exp", {"hourly"});
    t["exp_geo"] = model("exp_geo", "exp/maps", {"daily", "geo"});
    t["exp_day"] = model("exp_day", "exp", {"daily"});
    t["total"] = model("total", "", {});
    t["lone"] = model("lone", "clean", {}); // a folder that is called as a node
    t["total"].materialized = "view";
    t["lone"].schema = "private";
    t["check"] = {"test", "tests/check.sql", "", "", {}};
    return t;
}

names select(const std::string &selection) { return graph::select_nodes(nodes(), known(), selection); }

error failure(const std::string &selection, const std::string &exclude = "") {
    try {
        graph::select_nodes(nodes(), known(), selection, exclude);
    } catch (const error &e) {
        EXPECT_EQ(e.sqlstate, sqlstate::unknown_name);
        return e;
    }
    return error("00000", "no error");
}

} // namespace

TEST(Selection, NamesAndOperators) {
    EXPECT_EQ(select("*"), nodes().nodes());
    EXPECT_EQ(select("clean"), names{"clean"});
    EXPECT_EQ(select("tap_a.logs"), names{"tap_a.logs"});
    EXPECT_EQ(select("+clean"), (names{"tap_a.logs", "tap_a.other", "clean"}));
    EXPECT_EQ(select("exp_geo+"), (names{"exp_geo", "total", "check"}));
    EXPECT_EQ(select("1+total"), (names{"exp_day", "exp_geo", "total"}));
    EXPECT_EQ(select("2+exp_geo+1"), (names{"tap_a.logs", "tap_a.other", "clean", "exp_geo", "total"}));
    EXPECT_EQ(select("0+clean+0"), names{"clean"});
    EXPECT_EQ(select("@exp_geo"),
              (names{"tap_a.logs", "tap_a.other", "clean", "exp_geo", "exp_day", "total", "check"}));
    EXPECT_EQ(select("@raw"), (names{"raw", "lone", "tap_b.logs"}));
}
TEST(Selection, SpaceUnitesAndCommaIntersects) {
    EXPECT_EQ(select("clean lone"), (names{"clean", "lone"}));
    EXPECT_EQ(select("  clean\n\tlone "), (names{"clean", "lone"}));
    EXPECT_EQ(select("+exp_geo,+exp_day,resource_type:model"), names{"clean"});
    EXPECT_EQ(select("clean+,tag:daily raw"), (names{"exp_day", "exp_geo", "raw"}));
    EXPECT_EQ(select("clean,lone raw"), names{"raw"}); // one side may be empty, not the whole
}
TEST(Selection, Wildcards) {
    EXPECT_EQ(select("exp_*"), (names{"exp_day", "exp_geo"}));
    EXPECT_EQ(select("exp_???"), (names{"exp_day", "exp_geo"}));
    EXPECT_EQ(select("[a-d]*"), (names{"check", "clean"}));
    EXPECT_EQ(select("[!a-dt]*,resource_type:model"), (names{"exp_day", "exp_geo", "lone"}));
    EXPECT_EQ(select("*e*a*,resource_type:model"), (names{"clean", "exp_day"}));
    EXPECT_EQ(select("exp_g*+1"), (names{"exp_geo", "total"}));
    EXPECT_EQ(select("tap_?.logs"), (names{"tap_a.logs", "tap_b.logs"}));
    graph::dag g;
    g.add_node("été");
    EXPECT_EQ(graph::select_nodes(g, {}, "?t?"), names{"été"}); // characters, not bytes
    EXPECT_EQ(graph::select_nodes(g, {}, "[à-ï]*"), names{"été"});
    EXPECT_THROW(graph::select_nodes(g, {}, "[ê-ï]*"), error);
    EXPECT_THROW(graph::select_nodes(g, {}, "[é"), error); // never closed
    graph::dag many;
    many.add_node(std::string(60, 'a'));
    EXPECT_THROW(graph::select_nodes(many, {}, "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), error); // and soon
}
TEST(Selection, Tags) {
    EXPECT_EQ(select("tag:daily"), (names{"exp_day", "exp_geo"}));
    EXPECT_EQ(select("config.tags:geo"), names{"exp_geo"});
    EXPECT_EQ(select("tag:*ly"), (names{"clean", "exp_day", "exp_geo"}));
    EXPECT_EQ(select("1+tag:daily"), (names{"clean", "exp_day", "exp_geo"}));
    EXPECT_EQ(select("tag:small"), names{"raw"});
}
TEST(Selection, Paths) {
    EXPECT_EQ(select("path:models/exp"), (names{"clean", "exp_day", "exp_geo"}));
    EXPECT_EQ(select("path:models/exp/"), select("path:models/exp"));
    EXPECT_EQ(select("path:./models/exp"), select("path:models/exp"));
    EXPECT_EQ(select("path:models/exp/clean.sql"), names{"clean"});
    EXPECT_EQ(select("path:models/*.sql"), names{"total"}); // a star stays in its folder
    EXPECT_EQ(select("path:models/*/exp_*.sql"), names{"exp_day"});
    EXPECT_EQ(select("path:models/**/exp_*.sql"), (names{"exp_day", "exp_geo"}));
    EXPECT_EQ(select("path:models/**/total.sql"), names{"total"});
    EXPECT_EQ(select("path:models/e*"), select("path:models/exp"));
    EXPECT_EQ(select("path:seeds path:tests"), (names{"check", "raw"}));
    EXPECT_EQ(select("path:barometre.yml"), (names{"tap_a.logs", "tap_a.other", "tap_b.logs"}));
    EXPECT_EQ(select("path:."), nodes().nodes());
    EXPECT_EQ(select("@path:models/clean"), (names{"lone", "raw", "tap_b.logs"}));
    EXPECT_THROW(select("path:models/ex"), error); // no part of a name
    EXPECT_EQ(failure("path:/models/exp").hint, "Did you mean \"path:models/exp\"?");
}
TEST(Selection, Sources) {
    EXPECT_EQ(select("source:tap_a"), (names{"tap_a.logs", "tap_a.other"}));
    EXPECT_EQ(select("source:tap_a.logs"), names{"tap_a.logs"});
    EXPECT_EQ(select("source:*.logs"), (names{"tap_a.logs", "tap_b.logs"}));
    EXPECT_EQ(select("source:tap_b+"), (names{"lone", "tap_b.logs"}));
    EXPECT_EQ(select("source:tap_a+1"), (names{"clean", "tap_a.logs", "tap_a.other"}));
    EXPECT_THROW(select("source:*logs"), error); // a star stays before the dot
    EXPECT_THROW(select("source:clean"), error);
}
TEST(Selection, ConfigAndType) {
    EXPECT_EQ(select("config.materialized:view"), names{"total"});
    EXPECT_EQ(select("config.schema:private"), names{"lone"});
    EXPECT_EQ(select("resource_type:seed"), names{"raw"});
    EXPECT_EQ(select("resource_type:source"), select("resource_type:stream"));
    EXPECT_EQ(select("resource_type:test"), names{"check"});
    EXPECT_EQ(select("config.materialized:*"), select("resource_type:model")); // what has none is not matched
}
TEST(Selection, FoldersOfModels) {
    EXPECT_EQ(select("exp"), (names{"clean", "exp_day", "exp_geo"}));
    EXPECT_EQ(select("exp.maps"), names{"exp_geo"});
    EXPECT_EQ(select("exp.exp_day"), names{"exp_day"});
    EXPECT_EQ(select("exp.*"), (names{"clean", "exp_day", "exp_geo"}));
    EXPECT_EQ(select("exp+"), (names{"clean", "exp_day", "exp_geo", "total", "check"}));
    EXPECT_EQ(select("clean"), names{"clean"}); // not lone: the node's own name wins
    EXPECT_EQ(select("clean.*"), names{"lone"});
    EXPECT_EQ(select("cle*"), names{"clean"});
    EXPECT_THROW(select("ex"), error);   // no part of a name
    EXPECT_THROW(select("maps"), error); // from the models folder on, as in dbt
}
TEST(Selection, WhatNothingIsCalledIsAnError) {
    EXPECT_EQ(failure("clean +exp_gea").message,
              "selection \"+exp_gea\": there is no model, seed, stream or test \"exp_gea\"");
    EXPECT_EQ(failure("clean +exp_gea").hint, "Did you mean \"exp_geo\"?");
    EXPECT_EQ(failure("exp-geo").hint, "Did you mean \"exp_geo\"?");
    EXPECT_EQ(failure("exp-*").hint, "Did you mean \"exp_*\"?");
    EXPECT_EQ(failure("exp.mops").hint, "Did you mean \"exp.maps\"?");
    EXPECT_EQ(failure("tag:dayly").message, "selection \"tag:dayly\": nothing has the tag \"dayly\"");
    EXPECT_EQ(failure("tag:dayly").hint, "Did you mean \"tag:daily\"?");
    EXPECT_EQ(failure("tag:exp_geo").hint, "Did you mean \"tag:geo\"?");
    EXPECT_EQ(failure("clean+,tag:x_y_z_too_far").hint, "Known are \"daily\", \"geo\", \"hourly\" and \"small\".");
    EXPECT_EQ(failure("path:models/exq").hint, "Did you mean \"path:models/exp\"?");
    EXPECT_EQ(failure("source:tap-a").hint, "Did you mean \"source:tap_a\"?");
    EXPECT_EQ(failure("source:tap-?").hint, "Did you mean \"source:tap_?\"?");
    EXPECT_EQ(failure("tap_a").hint, "Did you mean \"source:tap_a\"?");
    EXPECT_EQ(failure("daily").hint, "Did you mean \"tag:daily\"?");
    EXPECT_EQ(failure("config.materialized:vew").hint, "Did you mean \"config.materialized:view\"?");
    EXPECT_EQ(failure("resource_type:snapshot").hint,
              "Known are \"model\", \"seed\", \"source\", \"stream\" and \"test\".");
    graph::dag bare;
    bare.add_node("a");
    try {
        graph::select_nodes(bare, {}, "tag:x");
        FAIL();
    } catch (const error &e) {
        EXPECT_EQ(e.hint, "Nothing in the project has one: select by name, or with '*'.");
    }
}
TEST(Selection, NodeThatIsNotHereIsSaidToBe) {
    graph::dag g;
    g.add_node("total");
    try {
        graph::select_nodes(g, known(), "check");
        FAIL();
    } catch (const error &e) {
        EXPECT_EQ(e.message, "selection \"check\": \"check\" is a test, which cannot be selected here");
    }
}
TEST(Selection, UnknownMethodListsTheKnownOnes) {
    const error e = failure("+foo:bar");
    EXPECT_EQ(e.message, "selection \"+foo:bar\": there is no selection method \"foo\"");
    for (const char *method :
         {"tag", "path", "source", "resource_type", "config.materialized", "config.schema", "config.tags"})
        EXPECT_NE(e.hint.find("\"" + std::string(method) + "\""), std::string::npos) << e.hint;
    EXPECT_TRUE(failure("pat:models").hint.starts_with("Did you mean \"path:models\"? Known are "));
    EXPECT_TRUE(failure("config.schem:x").hint.starts_with("Did you mean \"config.schema:x\"?"));
    EXPECT_EQ(failure(":x").message, "selection \":x\": there is no selection method \"\"");
}
TEST(Selection, WordsOfDbtSayWhatToWriteHere) {
    EXPECT_TRUE(failure("state:modified+").hint.starts_with("What changed since it was built is found by each call"));
    EXPECT_EQ(failure("--select exp_geo").message,
              "selection \"--select\": this is an option of a command line, and no "
              "selection");
    EXPECT_EQ(failure("exp_geo --exclude x").hint,
              "That is an argument of its own:  CALL baro_transform('*', exclude => 'x');");
    EXPECT_EQ(failure("--no-such").hint, "Options of a command line are arguments here:  SELECT * FROM baro_help();");
    EXPECT_EQ(failure("exp_geo.sql").hint, "Did you mean \"exp_geo\"?");
}
TEST(Selection, TermWithASlashIsAPath) {
    EXPECT_EQ(failure("models/exq").hint, "Did you mean \"path:models/exp\"?");
    EXPECT_EQ(select("models/exp"), select("path:models/exp"));
    EXPECT_EQ(select("models/exp+"), select("path:models/exp+"));
}
TEST(Selection, EmptyOnesAreErrors) {
    EXPECT_EQ(failure(" \n").message, "the selection is empty");
    EXPECT_EQ(failure("clean,lone").message, "selection \"clean,lone\" selects nothing");
    EXPECT_EQ(failure("tag:daily,raw clean,lone").message, "selection \"tag:daily,raw clean,lone\" selects nothing");
    EXPECT_EQ(failure("clean, lone").message, "selection \"clean,\": a comma must stand between two terms");
    EXPECT_EQ(failure(",").message, "selection \",\": a comma must stand between two terms");
    EXPECT_EQ(failure("clean,,lone").message, "selection \"clean,,lone\": a comma must stand between two terms");
    for (const char *term : {"+", "@", "2+", "tag:", "+path:+"})
        EXPECT_EQ(failure(term).message, "selection \"" + std::string(term) + "\": the term names nothing");
    EXPECT_EQ(failure("1234567+clean").message,
              "selection \"1234567+clean\": there is no model, seed, stream or test \"1234567+clean\"");
    EXPECT_EQ(graph::select_nodes(graph::dag(), {}, "*"), names{}); // a project that has nothing yet
}
TEST(Selection, Exclusion) {
    auto without = [](const std::string &selection, const std::string &exclude) {
        return graph::select_nodes(nodes(), known(), selection, exclude);
    };
    EXPECT_EQ(without("exp", "tag:geo"), (names{"clean", "exp_day"}));
    EXPECT_EQ(without("exp", ""), select("exp"));
    EXPECT_EQ(without("exp", " "), select("exp"));
    EXPECT_EQ(without("clean+", "exp_geo+"), (names{"clean", "exp_day"}));
    EXPECT_EQ(without("exp", "clean,lone"), select("exp")); // excluding nothing is no accident worth an error
    EXPECT_EQ(failure("exp", "tag:dayly").message, "exclusion \"tag:dayly\": nothing has the tag \"dayly\"");
    EXPECT_EQ(failure("exp", "+exp_*").message, "exclusion \"+exp_*\" leaves nothing of selection \"exp\"");
    EXPECT_EQ(failure("*", "*").message, "exclusion \"*\" leaves nothing of selection \"*\"");
}
