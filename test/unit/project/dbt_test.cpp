#include "core/project/dependencies.h"
#include "core/project/project.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;
using project::materialization;

namespace {

const std::string dbt_head = "name: shop\nversion: '1.0'\n";

/// A dbt project whose target is known by the setting.
project::project look(const folder &f) { return f.look({}, {.database = "db", .target_schema = "target"}); }

std::string notes(const project::project &p) {
    std::string out;
    for (const project::note &n : p.found->notes)
        out += n.change + " " + n.name + " " + n.at.text() + "\n";
    return out;
}

} // namespace

TEST(Dbt, AModelThatSaysNothingIsAView) {
    folder f;
    f.with("dbt_project.yml", dbt_head + "models: {shop: {sub: {+materialized: table}}}\n")
        .with("models/a.sql", "select 1")
        .with("models/sub/b.sql", "select 1")
        .with("models/c.sql", "{{ config(materialized='incremental') }}select 1");
    const auto p = look(f);
    EXPECT_EQ(problems(p), "");
    EXPECT_EQ(p.name, "shop");
    EXPECT_EQ(p.schema, "target");
    EXPECT_EQ(p.find_model("a")->materialized, materialization::view);
    EXPECT_EQ(p.find_model("b")->materialized, materialization::table);
    EXPECT_EQ(p.find_model("c")->materialized, materialization::incremental);
}

TEST(Dbt, YamlIsReadAsPythonDoes) {
    folder f;
    f.with("dbt_project.yml", dbt_head + "base: &base {+tags: [x], +enabled: yes}\nmodels:\n  shop:\n    <<: *base\n"
                                         "    off: {<<: *base, +enabled: Off}\nvars: {a: 1, a: 2}\n")
        .with("models/a.sql", "select {{ var('a') }}")
        .with("models/off/b.sql", "select 1");
    const auto p = look(f);
    EXPECT_EQ(problems(p), "");
    EXPECT_EQ(p.find_model("a")->tags, std::vector<std::string>{"x"});
    EXPECT_TRUE(p.find_disabled("b"));
    EXPECT_NE(notes(p).find("ignored a dbt_project.yml:8"), std::string::npos) << notes(p);
    EXPECT_EQ(jinja::printed(p.vars->at("a")), "2");
    folder own; // barometre's own file stays strict
    own.with("barometre.yml", "version: 1\nname: p\nvars: {a: 1, a: 2}\n");
    EXPECT_EQ(own.failure().message, "barometre.yml:3: key \"a\" is given twice");
}

TEST(Dbt, TestsAreConfiguredByFolders) {
    folder f;
    f.with("dbt_project.yml", dbt_head + "models: {+materialized: table}\ndata_tests:\n  +limit: 5\n  shop:\n"
                                         "    sub: {+severity: warn, +where: id > 1}\n    off: {+enabled: false}\n")
        .with("models/a.sql", "select 1 as id")
        .with("models/sub/b.sql", "select 1 as id")
        .with("models/a.yml", "models: [{name: a, tests: [{unique: {column_name: id}}]}]\n")
        .with("models/sub/b.yml", "models: [{name: b, tests: [{unique: {column_name: id, config: {limit: 7}}}]}]\n")
        .with("tests/off/t.sql", "select 1")
        .with("tests/sub/u.sql", "select 1");
    const auto p = look(f);
    EXPECT_EQ(problems(p), "");
    const auto &a = p.find_model("a")->tests.at(0).config, &b = p.find_model("b")->tests.at(0).config;
    EXPECT_EQ(a.limit, 5);
    EXPECT_EQ(a.severity, project::severity::error);
    EXPECT_EQ(b.limit, 7);
    EXPECT_EQ(b.severity, project::severity::warn);
    EXPECT_EQ(b.where, "id > 1");
    ASSERT_EQ(p.tests.size(), 1u);
    EXPECT_EQ(p.tests[0].name, "u");
    EXPECT_EQ(p.tests[0].config.severity, project::severity::warn);
}

TEST(Dbt, SourcesAreConfiguredByFoldersAndMaySayOtherwise) {
    folder f;
    f.with("dbt_project.yml", dbt_head + "sources: {shop: {raw: {off: {+enabled: false}}}}\n")
        .with("models/s.yml", "sources:\n  - name: raw\n    schema: landing\n    tags: [x]\n    loaded_at_field: at\n"
                              "    freshness: {warn_after: {count: 2, period: hour}, filter: 'x > {{ 1 }}'}\n    "
                              "tables:\n      - {name: off}\n"
                              "      - {name: old, freshness: null}\n      - {name: new, identifier: New-One}\n");
    const auto p = look(f);
    EXPECT_EQ(problems(p), "");
    ASSERT_EQ(p.sources.size(), 2u);
    EXPECT_FALSE(p.find_source("raw.old")->freshness);
    const auto &s = *p.find_source("raw.new");
    EXPECT_EQ(s.schema + "." + s.identifier, "landing.New-One");
    EXPECT_EQ(s.freshness->column, "at");
    EXPECT_EQ(s.freshness->warn_after, 7200);
    EXPECT_EQ(s.freshness->filter, "x > 1");
    EXPECT_EQ(project::traits_of(p).at("raw.new").tags, std::vector<std::string>{"x"});
    f.with("models/t.yml", "sources: [{name: raw, tables: [{name: new}]}]\n");
    EXPECT_EQ(problems(look(f)), "models/t.yml:1 raw.new: table \"new\" of source \"raw\" is declared twice\n");
}

TEST(Dbt, ASourceMayBeAStreamUnderAnotherName) {
    folder f;
    f.with("barometre.yml", "version: 1\nname: p\ntaps: [{name: tap, streams: [{name: s, path: ., pattern: x}]}]\n")
        .with("models/a.sql", "select * from {{ source('raw', 'things') }}")
        .with("models/s.yml",
              "sources: [{name: raw, schema: tap, tables: [{name: things, identifier: s, description: D, "
              "columns: [{name: not_in_the_file, tests: [unique]}]}]}]\n");
    const auto p = f.read();
    EXPECT_EQ(project::dependencies(p).parents("a"), std::set<std::string>{"tap.s"});
    EXPECT_EQ(p.find_stream("tap", "s")->description, "D");
    EXPECT_TRUE(p.find_stream("tap", "s")->columns.empty()); // only barometre.yml declares
    EXPECT_EQ(p.find_stream("tap", "s")->described().size(), 1u);
}

TEST(Dbt, TemplatesKnowEnvironmentVarsAndBlocksOfDocumentation) {
    folder f;
    f.with("barometre.yml", "version: 1\nname: p\nenv: {STAGE: prod}\nvars: {inner: 3, outer: \"{{ var('inner') }}\", "
                            "itself: \"{{ var('itself') }}\"}\n")
        .with("models/a.sql", "{{ config(schema=env_var('STAGE') ~ env_var('OTHER', '_x')) }}select {{ var('outer') }}")
        .with("models/d.md", "text\n{% docs one %}\nFirst.\n{% enddocs %}{%- docs two -%}Second.{%- enddocs -%}")
        .with("models/a.yml", "models:\n  - {name: a, description: \"{{ doc('one') }} {{ doc('p', 'two') }}\", "
                              "enabled: \"{{ var('inner') == "
                              "3 }}\"}\n");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->schema, "prod_x");
    EXPECT_EQ(p.find_model("a")->description, "First. Second.");
    f.with("models/b.sql", "select {{ env_var('NONE') }}").with("models/c.sql", "select {{ var('itself') }}");
    p = f.look();
    EXPECT_NE(problems(p).find("models/b.sql:1 b: there is no environment variable \"NONE\""), std::string::npos)
        << problems(p);
    EXPECT_NE(problems(p).find("is a template that needs itself"), std::string::npos) << problems(p);
}

TEST(Dbt, WhatWouldChangeAResultIsRefused) {
    for (const std::string key : {"incremental_predicates", "merge_update_columns", "batch_size"}) {
        folder f;
        f.with("barometre.yml", head).with("models/a.sql", "{{ config(" + key + "=['x']) }}select 1");
        EXPECT_EQ(f.failure().message, "models/a.sql:1: key \"" + key + "\" of config() is not supported");
    }
    folder f;
    f.with("barometre.yml", head)
        .with("models/a.sql", "{{ config(persist_docs={'columns': true}, bind=false) }}select 1");
    EXPECT_EQ(f.failure().message, "no error");
    EXPECT_EQ(f.note("persist_docs"), "ignored models/a.sql:1 It has no meaning here.");
}

TEST(Dbt, FoldersThatOtherProgramsMakeAreNotRead) {
    folder f;
    f.with("dbt_project.yml", dbt_head + "model-paths: [.]\ntarget-path: out\n")
        .with("a.sql", "select 1")
        .with("out/b.sql", "{{")
        .with("dbt_packages/x/models/c.sql", "{{");
    const auto p = look(f);
    EXPECT_EQ(problems(p), "");
    EXPECT_EQ(p.models.size(), 1u);
}

TEST(Dbt, AFolderOutsideIsForWhoeverMayOpenIt) {
    folder other, f;
    other.with("dbt_project.yml", dbt_head).with("models/a.sql", "select 1").with("seeds/s.csv", "x\n1\n");
    f.with("barometre.yml", "version: 1\ndbt: " + other.path() + "\n");
    EXPECT_NE(f.look({}, {.target_schema = "t"}).blocks_all->message.find("lies outside the project"),
              std::string::npos);
    const auto p =
        f.look({}, {.target_schema = "t", .outside = [](const std::string &path) { return file::root::open(path); }});
    EXPECT_EQ(problems(p), "");
    EXPECT_EQ(p.find_model("a")->file, other.path() + "/models/a.sql");
    const auto [root, path] = p.locate(p.find_seed("s")->file);
    EXPECT_EQ(*root->read(path, 100), "x\n1\n");
}

TEST(Dbt, WhatBarometreSaysOfAFolderWinsAndIsNoted) {
    folder f;
    f.with("transform/dbt_project.yml", dbt_head + "models: {shop: {sub: {+materialized: table}}}\n")
        .with("transform/models/sub/a.sql", "select 1")
        .with("barometre.yml",
              "version: 1\ndbt: transform\ntarget: {schema: t, name: prod}\nmodels: {sub: {materialized: "
              "incremental}}\n");
    const auto p = f.look();
    EXPECT_EQ(problems(p), "");
    EXPECT_EQ(p.target_name, "prod");
    EXPECT_EQ(p.find_model("a")->file, "transform/models/sub/a.sql");
    EXPECT_EQ(p.find_model("a")->materialized, materialization::incremental);
    EXPECT_NE(notes(p).find("overridden materialized barometre.yml:4"), std::string::npos) << notes(p);
}

TEST(Dbt, TheNearerLevelWinsWhicheverFileHasIt) {
    folder f;
    f.with("transform/dbt_project.yml",
           dbt_head + "models:\n  +volatile: true\n  shop:\n    +materialized: table\n    +tags: [a]\n    sub:\n      "
                      "+materialized: view\n      +alias: c\n      deep: {+alias: d}\n      one: {+alias: e}\n")
        .with("transform/models/top.sql", "select 1")
        .with("transform/models/sub/one.sql", "select 1")
        .with("transform/models/sub/two.sql", "select 1")
        .with("transform/models/sub/deep/three.sql", "select 1")
        .with("barometre.yml", "version: 1\ndbt: transform\ntarget: {schema: t}\nmodels:\n  materialized: incremental\n"
                               "  tags: b\n  sub: {alias: x}\n  shop: {volatile: false, sub: {full_refresh: false}}\n");
    const auto p = f.look();
    ASSERT_EQ(problems(p), "");
    const auto said = [&](const std::string &name) {
        const project::model &m = *p.find_model(name);
        return project::to_text(m.materialized) + std::string(" ") + m.alias + (m.full_refresh ? " full_refresh" : "") +
               (m.is_volatile == false ? "" : " volatile") + (m.tags.size() == 2 ? "" : " tags");
    };
    EXPECT_EQ(said("top"), "incremental ");        // of all models: of the package, which is all of them
    EXPECT_EQ(said("two"), "view x full_refresh"); // materialized of dbt's folder, alias of ours
    EXPECT_EQ(said("three"), "view d full_refresh");
    EXPECT_EQ(said("one"), "view e full_refresh");
    EXPECT_EQ(notes(p),
              "ignored version transform/dbt_project.yml:2\noverridden materialized barometre.yml:5\noverridden "
              "volatile barometre.yml:8\noverridden alias barometre.yml:7\n");
}

TEST(Dbt, AFolderThatIsNotThereIsTheOnlyProblem) {
    folder f;
    f.with("barometre.yml",
           "version: 1\ndbt: gone\ntarget: {schema: t}\ntaps: [{name: tap, streams: [{name: s, path: ., "
           "pattern: x}]}]\n");
    const auto p = f.look();
    ASSERT_TRUE(p.blocks_all);
    EXPECT_TRUE(p.blocks_all->message.starts_with("there is no dbt_project.yml in ")) << p.blocks_all->message;
    EXPECT_TRUE(p.find_stream("tap", "s")); // loads don't depend on it
    f.with("barometre.yml", head + "target: {schema: " + std::string(64, 'x') + "}\n");
    EXPECT_TRUE(f.failure().message.ends_with("must have 1 to 63 bytes")) << f.failure().message;
}

TEST(Dbt, FoldersByTheirOldNamesAreReadAndNotCalledIgnored) {
    folder f;
    f.with("dbt_project.yml", dbt_head + "source-paths: [sql]\ndata-paths: [data]\n")
        .with("sql/a.sql", "select 1")
        .with("data/s.csv", "x\n1\n");
    const auto p = look(f);
    EXPECT_TRUE(p.find_model("a") && p.find_seed("s"));
    EXPECT_EQ(notes(p), "ignored version dbt_project.yml:2\n");
}
