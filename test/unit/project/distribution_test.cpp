#include "core/project/dependencies.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

/// A tap "t" with these streams, each of which is the rest of a mapping that begins with its name.
folder spread_streams(const std::string &streams, const std::string &more = "") {
    folder f;
    f.with("barometre.yml",
           head + more + "taps:\n  - name: t\n    streams:\n" + streams + "stream_defaults: {path: in, pattern: x}\n");
    return f;
}
std::string spread_stream(const std::string &name, const std::string &keys) {
    return "      - {name: " + name + ", path: in, pattern: x" + (keys.empty() ? "" : ", " + keys) + "}\n";
}

/// A model "m" with this config(), in line 1.
folder spread_model(const std::string &config) {
    folder f;
    f.with("barometre.yml", head).with("models/m.sql", "{{ config(" + config + ") }} select 1 as k, 2 as v");
    return f;
}

/// The hints of all problems, a line each.
std::string hints_of(const project::project &p) {
    std::string out;
    for (const project::problem &one : p.found->problems)
        out += one.why.hint + "\n";
    return out;
}

} // namespace

TEST(Distribution, IsReadOfStreams) {
    auto p = spread_streams(spread_stream("a", "key_properties: [k, l], distributed_by: k") +
                            spread_stream("b", "distributed_by: n, colocate_with: t.a") +
                            spread_stream("c", "reference: true") + spread_stream("d", ""))
                 .read();
    EXPECT_EQ(p.find_stream("t", "a")->spread.by, "k");
    EXPECT_EQ(p.find_stream("t", "a")->spread.beside, "");
    EXPECT_EQ(p.find_stream("t", "b")->spread.by, "n");
    EXPECT_EQ(p.find_stream("t", "b")->spread.beside_schema, "t");
    EXPECT_EQ(p.find_stream("t", "b")->spread.beside_relation, "a");
    EXPECT_TRUE(p.find_stream("t", "c")->spread.reference);
    EXPECT_FALSE(p.find_stream("t", "d")->spread.is_said());
}

TEST(Distribution, OfAllStreamsIsOverriddenByTheNearerPlace) {
    folder f;
    f.with("barometre.yml", head + "stream_defaults: {path: in, pattern: x, distributed_by: k, colocate_with: t.a}\n"
                                   "taps:\n  - {name: t, streams: [{name: a}, {name: b, reference: true}, {name: c, "
                                   "distributed_by: ''}, {name: d, distributed_by: other}]}\n"
                                   "  - {name: u, reference: true, streams: [{name: a}, {name: b, reference: false}]}");
    auto p = f.read();
    EXPECT_EQ(p.find_stream("t", "a")->spread.by, "k");
    EXPECT_EQ(p.find_stream("t", "a")->spread.beside, ""); // not beside itself
    EXPECT_TRUE(p.find_stream("t", "b")->spread.reference);
    EXPECT_EQ(p.find_stream("t", "b")->spread.by, "");
    EXPECT_FALSE(p.find_stream("t", "c")->spread.is_said());
    EXPECT_EQ(p.find_stream("t", "d")->spread.by, "other");
    EXPECT_EQ(p.find_stream("t", "d")->spread.beside, "t.a");
    EXPECT_TRUE(p.find_stream("u", "a")->spread.reference);
    EXPECT_FALSE(p.find_stream("u", "b")->spread.is_said());
}

TEST(Distribution, IsReadOfModelsSeedsAndSnapshots) {
    folder f;
    f.with("barometre.yml", head + "models: {marts: {+distributed_by: k, +colocate_with: a, +materialized: table}}\n"
                                   "seeds: [{name: towns, reference: true}]\nsnapshots: {+distributed_by: id}\n")
        .with("models/marts/a.sql", "select 1 as k")
        .with("models/marts/b.sql", "{{ config(distributed_by='l') }} select 1 as l")
        .with("models/marts/c.sql", "{{ config(materialized='view') }} select 1 as k")
        .with("models/marts/d.sql", "select 1 as k")
        .with("models/marts/p.yml", "models:\n  - {name: d, config: {reference: true}}\n")
        .with("seeds/towns.csv", "k\n1\n")
        .with("snapshots/s.sql", "{% snapshot x %}{{ config(strategy='check', check_cols='all', unique_key='id') }} "
                                 "select 1 as id{% endsnapshot %}");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->spread.by, "k");
    EXPECT_EQ(p.find_model("a")->spread.beside, "");
    EXPECT_EQ(p.find_model("b")->spread.by, "l");
    EXPECT_EQ(p.find_model("b")->spread.beside_schema, "analytics");
    EXPECT_EQ(p.find_model("b")->spread.beside_relation, "a");
    EXPECT_FALSE(p.find_model("c")->spread.is_said()); // the folder's is not for views
    EXPECT_TRUE(p.find_model("d")->spread.reference);
    EXPECT_TRUE(p.find_seed("towns")->spread.reference);
    EXPECT_EQ(p.find_model("x")->spread.by, "id");
}

TEST(Distribution, WhatAModelLiesBesideComesFirstAndIsNotRead) {
    folder f;
    f.with("barometre.yml", head)
        .with("models/z.sql", "{{ config(distributed_by='k') }} select 1 as k")
        .with("models/a.sql", "{{ config(distributed_by='k', colocate_with='z') }} select 1 as k")
        .with("models/b.sql", "{{ config(distributed_by='k', colocate_with='z') }} select * from {{ ref('z') }}");
    const graph::dag g = project::dependencies(f.read());
    EXPECT_EQ(g.order(), (std::vector<std::string>{"z", "a", "b"}));
    EXPECT_TRUE(g.parents("a").count("z"));
    EXPECT_FALSE(g.is_read("z", "a"));
    EXPECT_TRUE(g.is_read("z", "b"));
    EXPECT_FALSE(g.is_read("a", "b"));
}

TEST(Distribution, MistakesOfStreamsAreAllTold) {
    auto p = spread_streams(spread_stream("both", "distributed_by: k, reference: true") +
                            spread_stream("lone", "colocate_with: t.good") +
                            spread_stream("off_key", "key_properties: [a, b], distributed_by: c") +
                            spread_stream("near", "distributed_by: k, colocate_with: t.god") +
                            spread_stream("own", "distributed_by: k, colocate_with: t.own") +
                            spread_stream("loc", "distributed_by: k, colocate_with: t.local") +
                            spread_stream("local", "") + spread_stream("good", "distributed_by: k") +
                            spread_stream("one", "distributed_by: k, colocate_with: t.other") +
                            spread_stream("other", "distributed_by: k, colocate_with: t.one"))
                 .look();
    EXPECT_EQ(problems(p),
              "barometre.yml:6 t.both: stream \"t.both\" has both \"distributed_by\" and \"reference\"\n"
              "barometre.yml:11 t.loc: stream \"t.loc\" is to lie beside \"t.local\", which is not distributed by a "
              "column\n"
              "barometre.yml:7 t.lone: stream \"t.lone\" has \"colocate_with\" and no \"distributed_by\"\n"
              "barometre.yml:9 t.near: stream \"t.near\" is to lie beside \"t.god\", which the project does not have\n"
              "barometre.yml:8 t.off_key: stream \"t.off_key\" is distributed by \"c\", which is no part of "
              "key_properties\n"
              "barometre.yml:14 t.one: stream \"t.one\" is to lie beside itself, by way of others\n"
              "barometre.yml:15 t.other: stream \"t.other\" is to lie beside itself, by way of others\n"
              "barometre.yml:10 t.own: stream \"t.own\" is to lie beside itself\n");
    EXPECT_NE(hints_of(p).find("Did you mean \"t.good\"?"), std::string::npos);
    EXPECT_NE(hints_of(p).find("one of a and b, or add the column to the key"), std::string::npos);
    EXPECT_NE(hints_of(p).find("Add distributed_by to stream \"t.local\""), std::string::npos);
    for (const char *name : {"both", "lone", "off_key", "near", "own", "loc", "one", "other"})
        EXPECT_TRUE(p.find_stream("t", name)->spread.fault) << name; // it is not loaded otherwise than it says
    EXPECT_FALSE(p.find_stream("t", "good")->spread.fault);
}

TEST(Distribution, MistakesOfModelsBlockThem) {
    const auto of = [](const std::string &config) { return problems(spread_model(config).look()); };
    const std::string m = "models/m.sql:1 m: model \"m\" ";
    EXPECT_EQ(of("distributed_by='k'"), "");
    EXPECT_EQ(of("distributed_by='k', reference=true"), m + "has both \"distributed_by\" and \"reference\"\n");
    EXPECT_EQ(of("distributed_by='k') }}\n{{ config(reference=true"),
              "models/m.sql:1 m: model \"m\" has both \"distributed_by\" and \"reference\"\n");
    EXPECT_EQ(of("colocate_with='m'"),
              m + "has \"colocate_with\" and no \"distributed_by\"\n" + m + "is to lie beside itself\n");
    EXPECT_EQ(of("materialized='view', distributed_by='k'"), m + "is a view, and only tables are distributed\n");
    EXPECT_EQ(of("materialized='materialized_view', reference=true"),
              m + "is a materialized_view, and only tables are distributed\n");
    EXPECT_EQ(of("materialized='ephemeral', reference=true"), m + "is ephemeral, and only tables are distributed\n");
    EXPECT_EQ(of("distributed_by='v', unique_key='k'"),
              m + "is distributed by \"v\", which is no part of its unique_key\n");
    EXPECT_EQ(of("distributed_by='v', unique_key=['k', 'v']"), "");
    EXPECT_EQ(of("distributed_by='v', indexes=[{'columns': ['k'], 'unique': true}, {'columns': ['k']}]"),
              m + "is distributed by \"v\", which is no part of its unique index (k)\n");
    EXPECT_EQ(of("materialized='incremental', distributed_by='v', unique_key='k'"),
              m + "is distributed by \"v\", which is no part of its unique_key\n");
    auto p = spread_model("distributed_by='k', reference=true").look();
    EXPECT_EQ(p.find_model("m"), nullptr);
    EXPECT_TRUE(p.find_blocked("m"));
}

TEST(Distribution, NamesWhatItMayLieBeside) {
    folder f;
    f.with("barometre.yml", head + "taps: [{name: t, streams: [{name: s, path: in, pattern: x, distributed_by: k, "
                                   "colocate_with: m}]}]\nseeds: [{name: e, distributed_by: k, colocate_with: m}]\n")
        .with("models/m.sql", "{{ config(distributed_by='k') }} select 1 as k")
        .with("models/v.sql", "{{ config(materialized='view') }} select 1 as k")
        .with("models/b.sql", "{{ config(distributed_by='k', colocate_with='v') }} select 1 as k")
        .with("models/c.sql", "{{ config(distributed_by='k', colocate_with='r') }} select 1 as k")
        .with("models/r.sql", "{{ config(reference=true) }} select 1 as k")
        .with("models/off.sql", "{{ config(distributed_by='k', enabled=false) }} select 1 as k")
        .with("models/d.sql", "{{ config(distributed_by='k', colocate_with='off') }} select 1 as k")
        .with("seeds/e.csv", "k\n1\n");
    const auto p = f.look();
    const std::string beside = "is to lie beside ";
    EXPECT_EQ(problems(p), "models/b.sql:1 b: model \"b\" " + beside +
                               "\"v\", which is not distributed by a column\nmodels/c.sql:1 c: model \"c\" " + beside +
                               "\"r\", which is not distributed by a column\nmodels/d.sql:1 d: model \"d\" " + beside +
                               "\"off\", which is disabled\nbarometre.yml:4 e: seed \"e\" " + beside +
                               "\"m\", which is a model\nbarometre.yml:3 t.s: stream \"t.s\" " + beside +
                               "\"m\", which is a model\n");
    EXPECT_NE(hints_of(p).find("of model \"m\": colocate_with: t.s."), std::string::npos);
}

TEST(Distribution, OfAModelThatReadsItsNeighboursReaderIsACircle) {
    folder f;
    f.with("barometre.yml", head)
        .with("models/a.sql", "{{ config(distributed_by='k', colocate_with='b') }} select 1 as k")
        .with("models/b.sql", "{{ config(distributed_by='k') }} select * from {{ ref('a') }}");
    EXPECT_NE(problems(f.look()).find("in a circle: a -> b -> a"), std::string::npos) << problems(f.look());
}

TEST(Distribution, MayBeBesideAStreamThatFilesTellOfLater) {
    const auto beside = [](const std::string &of_tap) {
        folder f;
        f.with("barometre.yml",
               head + "taps:\n  - {name: s, format: singer, path: in, pattern: x, streams: discover" + of_tap +
                   "}\n  - {name: t, streams: [{name: a, path: in, pattern: x, distributed_by: k, colocate_with: "
                   "s.users}]}\n");
        return f.look();
    };
    const auto known = beside(", distributed_by: id");
    EXPECT_EQ(problems(known), "");
    EXPECT_EQ(known.find_stream("t", "a")->spread.beside_relation, "users");
    EXPECT_NE(problems(beside("")).find("\"s.users\", which the project does not have"), std::string::npos);
}
