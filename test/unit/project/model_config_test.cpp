#include "core/project/dependencies.h"
#include "core/project/templates.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

using list = std::vector<std::string>;
using roles = std::map<std::string, list>;

/// Models "top", staging/"s" and marts/finance/"f", and `models:` of barometre.yml, which begins in line 3.
folder with_models(const std::string &models) {
    folder f;
    f.with("barometre.yml", head + models).with("models/top.sql", "select 1").with("models/staging/s.sql", "select 1");
    f.with("models/marts/finance/f.sql", "select 1");
    return f;
}

/// What is wrong with one model "a" whose properties hold `keys`, in line 2.
error wrong_model(const std::string &keys) {
    return folder()
        .with("barometre.yml", head)
        .with("models/a.sql", "select 1")
        .with("models/a.yml", "models:\n  - {name: a, " + keys + "}\n")
        .failure();
}

list sources(const std::vector<project::hook> &hooks) {
    list out;
    for (const auto &h : hooks)
        out.push_back(h.source);
    return out;
}

} // namespace

TEST(ModelConfig, HowATableIsPublished) {
    const auto way = [](const project::project &p, const char *name) { return p.find_model(name)->published_by(); };
    auto p =
        folder()
            .with("barometre.yml", head + "models:\n  +publish: swap\n  staging: {publish: auto, materialized: view}\n")
            .with("models/top.sql", "select 1")
            .with("models/own.sql", "{{ config(publish='difference') }} select 1")
            .with("models/staging/s.sql", "select 1")
            .read();
    EXPECT_EQ(way(p, "top"), project::publish_way::swap);
    EXPECT_EQ(way(p, "own"), project::publish_way::difference);
    EXPECT_EQ(way(p, "s"), project::publish_way::automatic); // of a folder of views it is no matter
    EXPECT_EQ(way(folder().with("barometre.yml", head).with("models/a.sql", "select 1").read(), "a"),
              project::publish_way::difference);
    const error unknown = wrong_model("publish: swop");
    EXPECT_NE(unknown.message.find("models/a.yml:2"), std::string::npos) << unknown.message;
    EXPECT_NE((unknown.message + unknown.hint).find("swap"), std::string::npos) << unknown.hint;
    for (const std::string kind : {"view", "materialized_view", "ephemeral", "incremental"}) {
        const error e = wrong_model("materialized: " + kind + ", publish: swap");
        EXPECT_NE(e.message.find("models/a.yml:2: model \"a\" is"), std::string::npos) << e.message;
        EXPECT_NE(e.message.find("is not published by changing a table of all its rows"), std::string::npos)
            << e.message;
        EXPECT_EQ(e.hint, "Remove the key, or materialize the model as table.");
    }
}

TEST(ModelConfig, FoldersOfTheProjectFileApplyToWhatIsBelow) {
    auto p =
        with_models(
            "models:\n  schema: all_models\n  tags: every\n  staging: {materialized: view, tags: x, volatile: true}\n"
            "  marts:\n    +schema: marts\n    finance:\n      +tags: [money, every]\n      schema: finance\n")
            .read();
    const auto *top = p.find_model("top"), *s = p.find_model("s"), *f = p.find_model("f");
    EXPECT_EQ(p.schema, "all_models"); // of seeds too
    EXPECT_EQ(top->schema, "all_models");
    EXPECT_EQ(top->materialized, project::materialization::table);
    EXPECT_EQ(top->tags, list{"every"});
    EXPECT_EQ(s->schema, "all_models");
    EXPECT_EQ(s->materialized, project::materialization::view);
    EXPECT_EQ(s->tags, (list{"every", "x"}));
    EXPECT_EQ(s->is_volatile, true);
    EXPECT_EQ(f->schema, "finance");
    EXPECT_EQ(f->tags, (list{"every", "money"}));
    EXPECT_EQ(f->is_volatile, std::nullopt);
    EXPECT_EQ(f->at("schema").text(), "barometre.yml:11");
    EXPECT_EQ(f->at("tags").text(), "barometre.yml:10");
    EXPECT_EQ(f->at("alias").text(), "models/marts/finance/f.sql");
}
TEST(ModelConfig, TheProjectsNameStandsForAllModels) {
    auto p = with_models("models:\n  p:\n    +schema: of_models\n    staging: {+materialized: view}\n").read();
    EXPECT_EQ(p.find_model("top")->schema, "of_models");
    EXPECT_EQ(p.find_model("s")->materialized, project::materialization::view);
    EXPECT_EQ(p.schema, "analytics");
    p = with_models("models: {p: {schema: x}}\n")
            .with("models/p/deep.sql", "select 1")
            .read(); // a folder of that name comes first
    EXPECT_EQ(p.find_model("top")->schema, "analytics");
    EXPECT_EQ(p.find_model("deep")->schema, "x");
}
TEST(ModelConfig, FoldersThatAreNotThereAreErrors) {
    auto e = with_models("models:\n  schema: a\n  stagin: {materialized: view}\n").failure();
    EXPECT_EQ(e.message, "barometre.yml:5: there is no folder \"stagin\" with models in models");
    EXPECT_EQ(e.hint, "Did you mean \"staging\"?");
    EXPECT_EQ(e.sqlstate, sqlstate::project_invalid);
    e = with_models("models:\n  marts:\n    sales: {tags: x}\n").failure();
    EXPECT_EQ(e.message, "barometre.yml:5: there is no folder \"sales\" with models in folder \"marts\" of models");
    EXPECT_EQ(e.hint, "Folders in it are finance.");
    e = with_models("models:\n  staging:\n    deep: {}\n").failure();
    EXPECT_EQ(e.hint, "There are no folders in it.");
    e = with_models("models: {grnts: {select: x}}\n").failure();
    EXPECT_EQ(e.hint, "Did you mean \"grants\"?");
    e = with_models("models:\n  staging:\n    +materialised: view\n").failure();
    EXPECT_EQ(e.message, "barometre.yml:5: unknown key \"+materialised\" in folder \"staging\" of models");
    EXPECT_EQ(e.hint, "Did you mean \"materialized\"?");
    e = with_models("models: {staging: view}\n").failure();
    EXPECT_EQ(e.message, "barometre.yml:3: folder \"staging\" of models must be a mapping of keys to values");
    e = with_models("models: {tags: x, +tags: y}\n").failure();
    EXPECT_EQ(e.message, "barometre.yml:3: \"tags\" and \"+tags\" in models are the same key");
    // What is wrong is found where no model is, too.
    e = folder().with("barometre.yml", head + "models: {materialized: tabel}\n").failure();
    EXPECT_EQ(e.hint, "Did you mean \"table\"?");
    EXPECT_EQ(with_models("models:\n  staging:\n").failure().message, "no error");
}
TEST(ModelConfig, AFolderMayHaveTheNameOfAKey) {
    auto p = with_models("models: {meta: {tags: x}, +meta: {a: 1}, tags: all}\n")
                 .with("models/meta/m.sql", "select 1")
                 .with("models/tags/t.sql", "select 1")
                 .read();
    EXPECT_EQ(p.find_model("m")->tags, (list{"all", "x"}));
    EXPECT_EQ(p.find_model("m")->meta_text(), "{\"a\": 1}");
    EXPECT_EQ(p.find_model("t")->tags, list{"all"});
}
TEST(ModelConfig, TheNearestPlaceWins) {
    const std::string folders = "models:\n  alias: one\n  schema: one\n  marts:\n    schema: two\n    alias: two\n    "
                                "finance: {schema: three, alias: three}\n";
    folder f;
    f.with("barometre.yml", head + folders).with("models/marts/finance/f.sql", "select 1");
    auto schema = [&] { return f.read().find_model("f")->schema; };
    auto alias = [&] { return f.read().find_model("f")->alias; };
    EXPECT_EQ(schema(), "three");
    EXPECT_EQ(alias(), "three");
    f.with("models/f.yml", "models:\n  - {name: f, schema: four, alias: four}\n");
    EXPECT_EQ(schema(), "four");
    f.with("models/f.yml", "models:\n  - {name: f, schema: four, alias: four, config: {schema: five}}\n");
    EXPECT_EQ(schema(), "five");
    EXPECT_EQ(alias(), "four");
    f.with("models/marts/finance/f.sql", "{{ config(schema='six') }}select '{{ this }}'");
    EXPECT_EQ(schema(), "six");
    EXPECT_EQ(alias(), "four");
    f.with("models/marts/finance/f.sql", "{{ config(schema='six') }}\n{{ config(alias='seven', schema='eight') }}");
    EXPECT_EQ(schema(), "eight");
    EXPECT_EQ(alias(), "seven");
    EXPECT_EQ(f.read().find_model("f")->at("alias").text(), "models/marts/finance/f.sql:2");
}
TEST(ModelConfig, AllKeysAreKnownInAllPlaces) {
    const std::string keys = "alias: x, contract: {enforced: true}, enabled: true, meta: {k: v}, indexes: [{columns: "
                             "a}], grants: {select: r}, "
                             "pre_hook: a, post_hook: b, "
                             "materialized: incremental, unique_key: [k], incremental_strategy: merge, "
                             "on_schema_change: fail, schema: other, tags: t, volatile: true";
    auto check = [](folder &f) {
        auto p = f.read();
        const auto &m = p.models.at(0);
        EXPECT_EQ(m.relation(), "x");
        EXPECT_TRUE(m.contract_enforced);
        EXPECT_TRUE(m.enabled);
        EXPECT_EQ(m.meta_text(), "{\"k\": \"v\"}");
        ASSERT_EQ(m.indexes.size(), 1u);
        EXPECT_EQ(m.indexes[0].columns, list{"a"});
        EXPECT_EQ(m.grants, (roles{{"select", {"r"}}}));
        EXPECT_EQ(sources(m.pre_hooks), list{"a"});
        EXPECT_EQ(sources(m.post_hooks), list{"b"});
        EXPECT_EQ(m.materialized, project::materialization::incremental);
        EXPECT_EQ(m.incremental.unique_key, list{"k"});
        EXPECT_EQ(m.incremental.chosen(), project::incremental_strategy::merge);
        EXPECT_EQ(m.incremental.on_schema_change, project::schema_change::fail);
        EXPECT_EQ(m.schema, "other");
        EXPECT_EQ(m.tags, list{"t"});
        EXPECT_EQ(m.is_volatile, true);
    };
    folder f;
    check(f.with("barometre.yml", head + "models: {d: {" + keys + "}}\n").with("models/d/a.sql", "select 1"));
    f.with("barometre.yml", head);
    check(f.with("models/a.yml", "models:\n  - {name: a, " + keys + "}\n"));
    check(f.with("models/a.yml", "models:\n  - {name: a, config: {" + keys + "}}\n"));
    f.with("models/a.yml", "");
    check(f.with("models/d/a.sql",
                 "{{ config(alias='x', contract={'enforced': true}, enabled=true, meta={'k': 'v'}, "
                 "indexes=[{'columns': 'a'}], grants={'select': "
                 "'r'}, pre_hook='a', "
                 "post_hook=['b'], materialized='incremental', unique_key='k', incremental_strategy='merge', "
                 "on_schema_change='fail', schema='other', tags='t', volatile=True) }}select 1"));
}
TEST(ModelConfig, IncrementalStrategiesHaveTheKeyTheyNeed) {
    EXPECT_EQ(wrong_model("materialized: incremental, incremental_strategy: merge").message,
              "models/a.yml:2: incremental_strategy merge of model \"a\" needs a unique_key");
    EXPECT_EQ(wrong_model("materialized: incremental, incremental_strategy: append, unique_key: k").message,
              "models/a.yml:2: incremental_strategy append of model \"a\" can't have a unique_key");
    EXPECT_EQ(wrong_model("unique_key: [a, a]").message,
              "models/a.yml:2: the unique_key of model \"a\" has \"a\" twice");
    folder f;
    f.with("barometre.yml", head)
        .with("models/a.sql", "{{ config(materialized='incremental') }}select 1")
        .with("models/b.sql", "{{ config(materialized='incremental', unique_key='k') }}select 1");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->incremental.chosen(), project::incremental_strategy::append);
    EXPECT_EQ(p.find_model("b")->incremental.chosen(), project::incremental_strategy::delete_insert);
}
TEST(ModelConfig, WhatAViewCannotHaveIsRefusedWhereItWasSaidForIt) {
    EXPECT_EQ(wrong_model("materialized: view, indexes: [{columns: a}]").message,
              "models/a.yml:2: model \"a\" is a view, and has nothing to index");
    EXPECT_EQ(wrong_model("materialized: ephemeral, grants: {select: r}").message,
              "models/a.yml:2: model \"a\" is ephemeral, and nothing is there to grant");
    EXPECT_EQ(wrong_model("materialized: ephemeral, post_hook: select 1").message,
              "models/a.yml:2: model \"a\" is ephemeral, and is never built: there is no time for a post_hook");
    folder f;
    f.with("barometre.yml", head + "models: {indexes: [{columns: a}]}\n")
        .with("models/a.sql", "{{ config(materialized='view') }}select 1 as a");
    EXPECT_EQ(f.read().models.size(), 1u);
}
TEST(ModelConfig, AliasNamesTheRelation) {
    folder f;
    f.with("barometre.yml", head)
        .with("models/a.sql", "{{ config(alias='x') }}select '{{ this }}'")
        .with("models/b.sql", "select 1");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->relation(), "x");
    EXPECT_EQ(p.find_model("b")->relation(), "b");
    EXPECT_EQ(p.find_model("b")->alias, "");
    EXPECT_EQ(template_context(p, p.find_model("a")).self->text, "\"analytics\".\"x\"");
    auto e = wrong_model("alias: My-Name");
    EXPECT_EQ(e.message, "models/a.yml:2: alias name \"My-Name\" must consist of lower-case letters, digits and \"_\"");
    EXPECT_EQ(e.hint, "Use \"my_name\".");
    EXPECT_EQ(wrong_model("alias: ''").message, "models/a.yml:2: alias name \"\" must have 1 to 63 bytes");
    EXPECT_EQ(wrong_model("schema: A").message,
              "models/a.yml:2: schema name \"A\" must consist of lower-case letters, digits and \"_\"");
    f.with("models/a.sql", "\n{{ config(alias=none) }}select 1");
    EXPECT_EQ(f.read().find_model("a")->alias, ""); // as in dbt, none says nothing
}
TEST(ModelConfig, TwoOfTheSameRelationAreAnError) {
    folder f;
    f.with("barometre.yml", head + "taps:\n  - {name: t, streams: [{name: s, path: ., pattern: x}]}\n");
    f.with("models/a.sql", "select 1").with("models/b.sql", "select 1\n{{ config(alias='a') }}");
    EXPECT_EQ(f.failure().message, "models/b.sql:2: model \"b\" becomes analytics.a, as does model \"a\"");
    EXPECT_EQ(f.failure().hint, "Give one of them another name, alias or schema.");
    f.with("models/b.sql", "{{ config(alias='a', schema='other') }}select 1");
    EXPECT_EQ(f.read().find_model("b")->relation(), "a");
    f.with("models/a.sql", "{{ config(alias='b') }}select 1")
        .with("models/b.sql", "{{ config(alias='a') }}select 1"); // they change names
    EXPECT_EQ(f.failure().message, "no error");
    f.with("models/a.sql", "select 1")
        .with("models/b.sql", "{{ config(alias='seed') }}select 1")
        .with("seeds/seed.csv", "x\n1\n");
    EXPECT_EQ(f.failure().message, "models/b.sql:1: model \"b\" becomes analytics.seed, as does seed \"seed\"");
    f.with("models/b.sql", "{{ config(alias='s', schema='t') }}select 1");
    EXPECT_EQ(f.failure().message, "models/b.sql:1: model \"b\" becomes t.s, as does stream \"s\"");
    f.with("models/b.sql", "{{ config(alias='a', enabled=false) }}select 1");
    EXPECT_EQ(f.failure().message, "no error");
}
TEST(ModelConfig, DisabledModelsAreLeftOut) {
    auto f = with_models("models:\n  staging:\n    enabled: false\n");
    f.with("models/staging/again.sql", "{{ config(enabled=true) }}select 1")
        .with("models/staging/s.sql", "select * from {{ ref('nothing') }}");
    f.with("models/s.yml", "models:\n  - {name: s, description: kept}\n");
    auto p = f.read();
    EXPECT_FALSE(p.find_model("s"));
    EXPECT_TRUE(p.find_model("again"));
    ASSERT_EQ(p.disabled.size(), 1u);
    EXPECT_EQ(p.find_disabled("s")->description, "kept");
    EXPECT_FALSE(project::dependencies(p).nodes().count("s"));
    EXPECT_FALSE(project::traits_of(p).count("s"));
    f.with("models/top.sql", "select *\nfrom {{ ref('s') }}");
    EXPECT_EQ(f.failure().message, "model \"top\" (models/top.sql, line 2) refers to \"s\", which is disabled");
    EXPECT_EQ(f.failure().detail, "It is disabled in barometre.yml:5.");
    EXPECT_EQ(f.failure().sqlstate, sqlstate::bad_graph);
    f.with("models/top.sql", "{{ config(enabled=false) }}select * from {{ ref('s') }}");
    EXPECT_EQ(f.failure().message, "no error");
    f.with("tests/t.sql", "select * from {{ ref('top') }}");
    EXPECT_EQ(f.note("t"),
              "skipped tests/t.sql test \"t\" (tests/t.sql, line 1) refers to \"top\", which is disabled.");
    EXPECT_TRUE(f.read().tests.empty());
    EXPECT_EQ(wrong_model("enabled: sometimes").message, "models/a.yml:2: key \"enabled\" must be true or false");
}
TEST(ModelConfig, MetaMergesAndIsJson) {
    folder f;
    f.with("barometre.yml", head + "models: {meta: {owner: all, n: 01, list: [1, 0.5, true, null, '1'], x: {a: 1}}}\n");
    f.with("models/a.yml", "models:\n  - name: a\n    meta: {owner: me, text: \"a \\\"quoted\\\"\\n\\\\ é\"}\n    "
                           "config: {meta: {x: {b: 2}}}\n");
    f.with("models/a.sql",
           "{{ config(meta={'code': '01', 'n': 3, 'none': none, 'deep': {'a': [true, 1.5]}}) }}select 1")
        .with("models/b.sql", "select 1");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->meta_text(),
              "{\"code\": \"01\", \"deep\": {\"a\": [true, 1.5]}, \"list\": [1, 0.5, true, null, \"1\"], \"n\": 3, "
              "\"none\": null, "
              "\"owner\": \"me\", \"text\": \"a \\\"quoted\\\"\\n\\\\ é\", \"x\": {\"b\": 2}}");
    EXPECT_EQ(p.find_model("b")->meta.at("n"), "\"01\"");
    f.with("barometre.yml", head);
    EXPECT_EQ(f.read().find_model("b")->meta_text(), "{}");
    EXPECT_EQ(wrong_model("meta: x").message,
              "models/a.yml:2: the meta of model \"a\" must be a mapping of keys to values");
}
TEST(ModelConfig, IndexesAreReadAsInDbt) {
    auto f =
        with_models("models:\n  indexes:\n    - {columns: [a, b], unique: true}\n    - {columns: [a], type: hash}\n");
    f.with("models/top.sql", "\n{{ config(indexes=[{'columns': ['c'], 'type': 'gin'}]) }}select 1");
    auto p = f.read();
    const auto &far = p.find_model("s")->indexes;
    ASSERT_EQ(far.size(), 2u);
    EXPECT_EQ(far[0].columns, (list{"a", "b"}));
    EXPECT_TRUE(far[0].unique);
    EXPECT_EQ(far[0].type, "btree");
    EXPECT_FALSE(far[1].unique);
    EXPECT_EQ(far[1].type, "hash");
    EXPECT_EQ(far[1].at.text(), "barometre.yml:6");
    const auto &near = p.find_model("top")->indexes;
    ASSERT_EQ(near.size(), 1u);
    EXPECT_EQ(near[0].columns, list{"c"});
    EXPECT_EQ(near[0].at.text(), "models/top.sql:2");
    f.with("models/top.sql", "{{ config(indexes=[]) }}select 1");
    EXPECT_TRUE(f.read().find_model("top")->indexes.empty());
    auto e = wrong_model("indexes: [{colums: [a]}]");
    EXPECT_EQ(e.message, "models/a.yml:2: an index of model \"a\" lacks the key \"columns\"");
    e = wrong_model("indexes: [{columns: [a], uniqe: true}]");
    EXPECT_EQ(e.message, "models/a.yml:2: unknown key \"uniqe\" in an index of model \"a\"");
    EXPECT_EQ(e.hint, "Did you mean \"unique\"?");
    e = wrong_model("indexes: [{columns: [a], type: btre}]");
    EXPECT_EQ(e.message, "models/a.yml:2: key \"type\" can't be \"btre\"");
    EXPECT_EQ(e.hint, "Did you mean \"btree\"?");
    EXPECT_EQ(wrong_model("indexes: {columns: [a]}").message,
              "models/a.yml:2: key \"indexes\" must be a list of mappings");
    EXPECT_EQ(wrong_model("indexes: [a]").message,
              "models/a.yml:2: an index of model \"a\" must be a mapping of keys to values");
    EXPECT_EQ(wrong_model("indexes: [{columns: []}]").message, "models/a.yml:2: an index of model \"a\" has no column");
    EXPECT_EQ(wrong_model("indexes: [{columns: [a], unique: true, type: gin}]").message,
              "models/a.yml:2: an index of type gin can't be unique");
    EXPECT_EQ(wrong_model("indexes: [{columns: [a, b], type: hash}]").message,
              "models/a.yml:2: an index of type hash can't have more than one column");
    // dbt makes it twice, and projects have that.
    EXPECT_EQ(wrong_model("indexes: [{columns: [a]}, {columns: a, type: btree}]").message, "no error");
}
TEST(ModelConfig, GrantsAreByPrivilege) {
    auto f = with_models("models:\n  grants: {select: [reader, 'Odd \"role\"', reader], INSERT: writer}\n");
    f.with("models/staging/s.sql", "{{ config(grants={'select': ['other']}) }}select 1")
        .with("models/top.sql", "{{ config(grants={'+select': 'other', 'insert': []}) }}select 1");
    auto p = f.read();
    EXPECT_EQ(p.find_model("f")->grants, (roles{{"insert", {"writer"}}, {"select", {"reader", "Odd \"role\""}}}));
    EXPECT_EQ(p.find_model("s")->grants, (roles{{"insert", {"writer"}}, {"select", {"other"}}}));
    EXPECT_EQ(p.find_model("top")->grants, (roles{{"insert", {}}, {"select", {"reader", "Odd \"role\"", "other"}}}));
    auto e = wrong_model("grants: {selct: r}");
    EXPECT_EQ(e.message, "models/a.yml:2: unknown privilege \"selct\" in the grants of model \"a\"");
    EXPECT_EQ(e.hint, "Did you mean \"select\"?");
    EXPECT_EQ(wrong_model("grants: {usage: r}").hint,
              "Privileges of tables are select, insert, update, delete, truncate, references and trigger.");
    EXPECT_EQ(wrong_model("grants: {select: r, SELECT: s}").message,
              "models/a.yml:2: privilege \"select\" in the grants of model \"a\" is given twice");
    EXPECT_EQ(wrong_model("grants: {select: ['']}").message,
              "models/a.yml:2: role \"\" in the grants of model \"a\" must have 1 to 63 bytes");
    EXPECT_EQ(wrong_model("grants: [select]").message,
              "models/a.yml:2: the grants of model \"a\" must be a mapping of keys to values");
    EXPECT_EQ(wrong_model("grants: {select: {a: b}}").message,
              "models/a.yml:2: key \"select\" must be a text or a list of texts");
}
TEST(ModelConfig, HooksAreTemplatesWithTheirPlaces) {
    auto f = with_models("models:\n  pre-hook: analyze\n  +post-hook:\n    - grant x to {{ target.schema }}\n    - |\n "
                         "     select 1;\n    - ' ; '\n");
    f.with("models/top.sql", "\n{{ config(post_hook=\"comment on table {{ this }} is 'x'\", pre_hook=[]) }}select 1");
    f.with("models/staging/s.sql", "{{ config({'pre-hook': ['a', 'b']}) }}select 1");
    auto p = f.read();
    const auto *far = p.find_model("f");
    EXPECT_EQ(sources(far->pre_hooks), list{"analyze"});
    EXPECT_EQ(far->pre_hooks[0].at.text(), "barometre.yml:4");
    EXPECT_EQ(sources(far->post_hooks), (list{"grant x to {{ target.schema }}", "select 1;\n"}));
    EXPECT_EQ(far->post_hooks[0].at.text(), "barometre.yml:6");
    EXPECT_EQ(far->post_hooks[1].at.text(), "barometre.yml:7");
    EXPECT_EQ(far->at("post_hook").text(), "barometre.yml:5");
    EXPECT_EQ(sources(p.find_model("top")->post_hooks),
              (list{"grant x to {{ target.schema }}", "select 1;\n", "comment on table {{ this }} is 'x'"}));
    EXPECT_EQ(p.find_model("top")->post_hooks[2].at.text(), "models/top.sql:2");
    EXPECT_EQ(sources(p.find_model("s")->pre_hooks), (list{"analyze", "a", "b"}));
    EXPECT_EQ(wrong_model("pre_hook: {sql: x}").message, "no error");
    EXPECT_EQ(wrong_model("pre_hook: [[x]]").message,
              "models/a.yml:2: key \"pre_hook\" must be a text or a list of texts");
    EXPECT_EQ(wrong_model("post_hook: {sql: vacuum, transaction: false}").message,
              "models/a.yml:2: a hook of model \"a\" can't run outside of the transaction");
    EXPECT_EQ(wrong_model("pre_hook: a, pre-hook: b").message,
              "models/a.yml:2: \"pre_hook\" and \"pre-hook\" in model \"a\" are the same key");
}
TEST(ModelConfig, MaterializationsAreInOneList) {
    for (const auto &[word, one] : project::materializations) {
        EXPECT_EQ(project::to_text(one), word);
        if (one == project::materialization::snapshot)
            continue;
        EXPECT_EQ(wrong_model(std::string("materialized: ") + word).message, "no error");
    }
    EXPECT_EQ(wrong_model("materialized: cube").hint,
              "Valid values are table, view, materialized_view, incremental and ephemeral.");
}
