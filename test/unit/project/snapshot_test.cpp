#include "core/graph/selection.h"
#include "core/jinja/snapshot_blocks.h"
#include "core/project/dependencies.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

using list = std::vector<std::string>;
using strategies = project::snapshot_config::strategies;
using deletes = project::snapshot_config::deletes;

const std::string by_time = "strategy='timestamp', unique_key='id', updated_at='at'";

/// A project of one file of snapshots.
folder with(const std::string &snapshots) {
    folder f;
    f.with("barometre.yml", head).with("snapshots/s.sql", snapshots);
    return f;
}
/// With one snapshot "x" of this config(), which is in line 2.
folder configured(const std::string &config) {
    return with("{% snapshot x %}\n{{ config(" + config + ") }}\nselect 1 as id\n{% endsnapshot %}\n");
}

} // namespace

TEST(SnapshotBlocks, KeepLinesAndColumnsOfTheFile) {
    const std::string file = "{# a comment #}\n\n{% snapshot a %}{{ nope }}{% endsnapshot %}\n{%- snapshot b -%}\r\n  "
                             "select é\n{% if x %}{% endif %}{%- endsnapshot b +%}\n";
    const auto blocks = jinja::snapshot_blocks(file, "snapshots/s.sql");
    ASSERT_EQ(blocks.size(), 2u);
    EXPECT_EQ(blocks[0].name, "a");
    EXPECT_EQ(blocks[0].line, 3);
    EXPECT_EQ(blocks[0].source, "\n\n" + std::string(16, ' ') + "{{ nope }}");
    EXPECT_EQ(blocks[1].name, "b");
    EXPECT_EQ(blocks[1].line, 4);
    EXPECT_EQ(blocks[1].source, "\n\n\n" + std::string(18, ' ') + "\r\n  select é\n{% if x %}{% endif %}");
    auto e = with(file).failure();
    EXPECT_EQ(e.message.substr(0, 22), "snapshots/s.sql:3:20: ");
}
TEST(SnapshotBlocks, NothingElseMayBeInTheirFile) {
    EXPECT_EQ(with("\n  \n{# {% snapshot x %} #}\n").failure().message, "no error");
    for (const char *other :
         {"select 1", "{{ 1 }}", "{% set x = 1 %}", "{% if x %}{% snapshot a %}select 1{% endsnapshot %}{% endif %}"})
        EXPECT_NE(with(std::string("\n") + other)
                      .failure()
                      .message.find(": a file of snapshots can have nothing but snapshots"),
                  std::string::npos)
            << other;
    EXPECT_EQ(with("\n {% macro a() %}{% endmacro %}").failure().message,
              "snapshots/s.sql:2:2: a file of snapshots can have nothing but snapshots");
    EXPECT_EQ(with("{% snapshot a %}\nselect 1").failure().message,
              "snapshots/s.sql:1:4: \"{% snapshot %}\" is never closed");
    EXPECT_EQ(with("{% snapshot a %}select 1").failure().hint, "Close it with \"{% endsnapshot %}\".");
    EXPECT_EQ(with("{% snapshot %}select 1{% endsnapshot %}").failure().message,
              "snapshots/s.sql:1:13: the name of a snapshot is expected here");
    EXPECT_EQ(with("\n{% snapshot a %} \n{# x #}{% endsnapshot %}").failure().message,
              "snapshots/s.sql:2:1: snapshot \"a\" has no SQL");
    EXPECT_EQ(with("\n{% snapshot A %}select 1{% endsnapshot %}").failure().message,
              "snapshots/s.sql:2: snapshot name \"A\" must consist of lower-case letters, digits and \"_\"");
    EXPECT_EQ(with("{% snapshot a %}{% snapshot b %}{% endsnapshot %}{% endsnapshot %}").failure().message,
              "snapshots/s.sql:1:20: a snapshot can't stand here");
}
TEST(SnapshotBlocks, BelongIntoTheSnapshotsFolder) {
    const std::string block = "{% snapshot a %}select 1{% endsnapshot %}";
    auto e = folder().with("barometre.yml", head).with("models/m.sql", "\n" + block).failure();
    EXPECT_EQ(e.message, "models/m.sql:2:4: a snapshot can't stand here");
    EXPECT_EQ(e.hint, "Put it into a file of the snapshots folder, at the top level of the file.");
    // What is no macro in a file of macros keeps none from being read, as in dbt.
    EXPECT_EQ(folder().with("barometre.yml", head).with("macros/m.sql", block).failure().message, "no error");
    e = folder()
            .with("barometre.yml", head)
            .with("models/m.sql", "{{ config(materialized='snapshot') }}select 1")
            .failure();
    EXPECT_EQ(e.message, "models/m.sql:1: a model can't be materialized as \"snapshot\"");
    EXPECT_NE(e.hint.find("snapshots folder"), std::string::npos);
    folder f;
    f.with("barometre.yml", head + "paths: {snapshots: [history, more]}\n")
        .with("snapshots/s.sql", "nothing")
        .with("history/deep/s.sql", "{% snapshot a %}{{ config(" + by_time + ") }}select 1{% endsnapshot %}");
    EXPECT_EQ(f.read().find_model("a")->folder, "deep");
}
TEST(Snapshots, AreModelsOfTheirOwnMaterialization) {
    auto f = configured(by_time + ", hard_deletes='invalidate', schema='old', alias='y', tags=['t'], "
                                  "indexes=[{'columns': 'id'}], grants={'select': 'r'}, "
                                  "pre_hook='select 1', meta={'a': 1}, volatile=false");
    f.with("models/m.sql", "select * from {{ ref('x') }}");
    f.with("snapshots/s.yml",
           "snapshots:\n  - name: x\n    description: Text.\n    tests: [{expression_is_true: {expression: id > 0}}]\n"
           "    columns: [{name: id, description: Key., tests: [not_null]}]\n");
    auto p = f.read();
    const project::model &x = *p.find_model("x");
    EXPECT_TRUE(x.is_snapshot());
    EXPECT_EQ(project::to_text(x.materialized), "snapshot");
    EXPECT_EQ(x.file, "snapshots/s.sql");
    EXPECT_EQ(x.line, 1);
    EXPECT_EQ(x.snapshot.strategy, strategies::timestamp);
    EXPECT_EQ(x.snapshot.unique_key, list{"id"});
    EXPECT_EQ(x.snapshot.updated_at, "at");
    EXPECT_EQ(x.snapshot.hard_deletes, deletes::invalidate);
    EXPECT_EQ(x.schema, "old");
    EXPECT_EQ(x.relation(), "y");
    EXPECT_EQ(x.tags, list{"t"});
    EXPECT_EQ(x.indexes.size(), 1u);
    EXPECT_EQ(x.grants.at("select"), list{"r"});
    EXPECT_EQ(x.pre_hooks.size(), 1u);
    EXPECT_EQ(x.meta_text(), "{\"a\": 1}");
    EXPECT_EQ(x.is_volatile, false);
    EXPECT_EQ(x.description, "Text.");
    EXPECT_EQ(x.tests.size(), 1u);
    EXPECT_EQ(x.columns.at(0).tests.size(), 1u);
    EXPECT_EQ(x.at("unique_key").text(), "snapshots/s.sql:2");
    EXPECT_EQ(x.at("check_cols").text(), "snapshots/s.sql:1");
    EXPECT_EQ(project::dependencies(p).parents("m"), std::set<std::string>{"x"});
    EXPECT_EQ(graph::select_nodes(project::dependencies(p), project::traits_of(p), "resource_type:snapshot", ""),
              std::set<std::string>{"x"});
    EXPECT_EQ(graph::select_nodes(project::dependencies(p), project::traits_of(p), "config.materialized:snapshot", ""),
              std::set<std::string>{"x"});
    EXPECT_EQ(graph::select_nodes(project::dependencies(p), project::traits_of(p), "resource_type:model", ""),
              std::set<std::string>{"m"});
}
TEST(Snapshots, AllKeysAreReadInAllPlaces) {
    auto check = [](const project::project &p) {
        const project::snapshot_config &s = p.find_model("x")->snapshot;
        EXPECT_EQ(s.strategy, strategies::check);
        EXPECT_EQ(s.unique_key, (list{"id", "region"}));
        EXPECT_EQ(s.check_cols, list{"a"});
        EXPECT_EQ(s.updated_at, "at");
        EXPECT_EQ(s.hard_deletes, deletes::new_record);
        EXPECT_EQ(p.find_model("x")->schema, "old");
    };
    check(configured("strategy='check', unique_key=['id', 'region'], check_cols='a', updated_at='at', "
                     "hard_deletes='new_record', target_schema='old'")
              .read());
    const std::string keys = "strategy: check, unique_key: [id, region], check_cols: [a], updated_at: at, "
                             "hard_deletes: new_record, target_schema: old";
    auto f = with("{% snapshot x %}select 1{% endsnapshot %}");
    check(f.with("snapshots/s.yml", "snapshots: [{name: x, config: {" + keys + "}}]\n").read());
    check(f.with("snapshots/s.yml", "snapshots: [{name: x, " + keys + "}]\n").read());
    f.with("snapshots/s.yml", "");
    check(f.with("barometre.yml", head + "snapshots: {" + keys + "}\n").read());
    check(f.with("barometre.yml", head + "snapshots: {p: {+strategy: check, +unique_key: [id, region], +check_cols: "
                                         "[a], +updated_at: at, +hard_deletes: new_record, "
                                         "+schema: old}}\n")
              .read());
    EXPECT_TRUE(configured("strategy='check', unique_key='id', check_cols='all'")
                    .read()
                    .find_model("x")
                    ->snapshot.check_cols.empty());
    EXPECT_EQ(
        configured("strategy='check', unique_key='id', check_cols=['all']").read().find_model("x")->snapshot.check_cols,
        list{"all"});
    EXPECT_EQ(configured(by_time + ", invalidate_hard_deletes=true").read().find_model("x")->snapshot.hard_deletes,
              deletes::invalidate);
    EXPECT_EQ(configured(by_time + ", invalidate_hard_deletes=false").read().find_model("x")->snapshot.hard_deletes,
              deletes::ignore);
}
TEST(Snapshots, TheProjectFileSpeaksForFolders) {
    folder f;
    f.with("barometre.yml", head + "models: {schema: facts, tags: m}\nsnapshots:\n  tags: s\n  check_cols: all\n  hr: "
                                   "{schema: people, enabled: true}\n");
    f.with("snapshots/hr/a.sql", "{% snapshot a %}{{ config(" + by_time + ") }}select 1{% endsnapshot %}");
    f.with("snapshots/b.sql",
           "{% snapshot b %}{{ config(strategy='check', unique_key='id') }}select 1{% endsnapshot %}")
        .with("models/hr/m.sql", "select 1");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->schema, "people");
    EXPECT_EQ(p.find_model("a")->tags, list{"s"});
    EXPECT_EQ(p.find_model("b")->schema, "facts"); // the models'
    EXPECT_EQ(p.find_model("m")->schema, "facts");
    EXPECT_EQ(p.find_model("m")->tags, list{"m"});
    EXPECT_EQ(p.schema, "facts");
    auto wrong = [&](const std::string &yaml) { return f.with("barometre.yml", head + yaml).failure(); };
    EXPECT_EQ(wrong("snapshots:\n  rh: {schema: x}\n").message,
              "barometre.yml:4: there is no folder \"rh\" with snapshots in snapshots");
    EXPECT_EQ(wrong("snapshots: {people: {schema: x}}\n").hint, "Folders in it are hr.");
    EXPECT_EQ(wrong("snapshots: {hr: {stratgy: check}}\n").message,
              "barometre.yml:3: unknown key \"stratgy\" in folder \"hr\" of snapshots");
    EXPECT_EQ(wrong("snapshots: {hr: {stratgy: check}}\n").hint, "Did you mean \"strategy\"?");
    EXPECT_EQ(wrong("snapshots: {materialized: table}\n").message,
              "barometre.yml:3: unknown key \"materialized\" in snapshots");
    EXPECT_EQ(wrong("models: {strategy: check}\n").message, "barometre.yml:3: unknown key \"strategy\" in models");
    EXPECT_EQ(wrong("snapshots: {schema: only, check_cols: all}\n").message, "no error");
    EXPECT_EQ(f.read().schema, "analytics"); // of models and seeds
}
TEST(Snapshots, MayBeMadeInYaml) {
    folder f;
    f.with("barometre.yml", head + "taps: [{name: t, streams: [{name: s, path: ., pattern: x}]}]\n")
        .with("models/m.sql", "select 1 as id");
    f.with("snapshots/hr/s.yml", "snapshots:\n  - name: x\n    description: Text.\n    relation: ref('m')\n    config: "
                                 "{strategy: check, unique_key: id, check_cols: all}\n");
    f.with("models/m.yml", "snapshots:\n  - {name: y, relation: \"source('t', 's')\", strategy: timestamp, unique_key: "
                           "id, updated_at: at}\n");
    auto p = f.read();
    const project::model &x = *p.find_model("x"), &y = *p.find_model("y");
    EXPECT_EQ(x.source, "\n\n\nselect * from {{ ref('m') }}");
    EXPECT_EQ(x.file, "snapshots/hr/s.yml");
    EXPECT_EQ(x.line, 2);
    EXPECT_EQ(x.folder, "hr");
    EXPECT_EQ(x.description, "Text.");
    EXPECT_EQ(project::dependencies(p).parents("x"), std::set<std::string>{"m"});
    EXPECT_EQ(project::dependencies(p).parents("y"), std::set<std::string>{"t.s"});
    EXPECT_EQ(y.folder, "");
    for (const char *other : {"m", "ref('m') ~ 'x'", "{{ ref('m') }}", "ref('m'", "concat('m')", ""}) {
        f.with("models/m.yml", std::string("snapshots:\n  - {name: y, relation: \"") + other + "\"}\n");
        EXPECT_EQ(f.failure().message,
                  "models/m.yml:2: key \"relation\" of snapshot \"y\" must be ref('name') or source('tap', 'stream')")
            << other;
    }
    f.with("models/m.yml",
           "snapshots:\n  - {name: y, relation: ref('n'), strategy: check, unique_key: id, check_cols: all}\n");
    EXPECT_EQ(f.failure().message,
              "snapshot \"y\" (models/m.yml, line 2) refers to \"n\", which is neither a model nor a seed");
}
TEST(Snapshots, NamesAreUnique) {
    const std::string block = "{% snapshot x %}{{ config(" + by_time + ") }}select 1{% endsnapshot %}\n";
    EXPECT_EQ(with(block + block).failure().message, "snapshots/s.sql:2: snapshot \"x\" is there twice");
    EXPECT_EQ(with(block + block).failure().detail, "It was found before in snapshots/s.sql:1.");
    EXPECT_EQ(with(block).with("models/x.sql", "select 1").failure().message,
              "snapshots/s.sql:1: \"x\" (a model and a snapshot) is there twice");
    EXPECT_EQ(with(block).with("seeds/x.csv", "a\n1\n").failure().message,
              "snapshots/s.sql:1: \"x\" (a seed and a snapshot) is there twice");
    EXPECT_EQ(with(block).with("tests/x.sql", "select 1").failure().message, "tests/x.sql: the name \"x\" is taken");
    EXPECT_EQ(with(block).with("snapshots/a.yml", "snapshots: [{name: x, relation: ref('m')}]").failure().message,
              "snapshots/a.yml:1: snapshot \"x\" is there twice");
    EXPECT_EQ(with(block).with("models/m.sql", "{{ config(alias='x') }}select 1").failure().message,
              "snapshots/s.sql:1: snapshot \"x\" becomes analytics.x, as does model \"m\"");
    EXPECT_EQ(with(block).with("snapshots/a.yml", "models:\n  - name: x").failure().message,
              "snapshots/a.yml:2: model \"x\" is a snapshot");
    EXPECT_EQ(with(block).with("snapshots/a.yml", "models:\n  - name: x").failure().hint,
              "Describe it under \"snapshots:\".");
    EXPECT_EQ(with(block).with("snapshots/a.yml", "snapshots:\n  - name: xs").note("xs"),
              "ignored snapshots/a.yml:2 snapshot \"xs\" is not in the project. Did you mean \"x\"?");
    EXPECT_EQ(with(block).with("models/m.sql", "{% snapshot_x %}").failure().message.substr(0, 15), "models/m.sql:1:");
}
TEST(Snapshots, KeysThatAreMissingOrOfTheOtherStrategyAreNamed) {
    auto message = [](const std::string &config) { return configured(config).failure().message; };
    EXPECT_EQ(message("unique_key='id', updated_at='at'"),
              "snapshots/s.sql:1: snapshot \"x\" lacks the key \"strategy\"");
    EXPECT_EQ(message("strategy='timestamp', updated_at='at'"),
              "snapshots/s.sql:1: snapshot \"x\" lacks the key \"unique_key\"");
    EXPECT_EQ(message("strategy='timestamp', unique_key='id'"),
              "snapshots/s.sql:1: snapshot \"x\" lacks the key \"updated_at\"");
    EXPECT_EQ(message("strategy='check', unique_key='id'"),
              "snapshots/s.sql:1: snapshot \"x\" lacks the key \"check_cols\"");
    EXPECT_EQ(message(by_time + ", check_cols='all'"), "snapshots/s.sql:2: key \"check_cols\" of snapshot \"x\" "
                                                       "belongs to strategy check, but its strategy is timestamp");
    EXPECT_EQ(message("strategy='timestamp', unique_key='id', update_at='at'"),
              "snapshots/s.sql:1: snapshot \"x\" lacks the key \"updated_at\"");
    EXPECT_EQ(configured("strategy='timestamp', unique_key='id', update_at='at'").note("update_at"),
              "ignored snapshots/s.sql:2 Did you mean \"updated_at\"?");
    EXPECT_EQ(message(by_time + ", dbt_valid_to_current='x'"),
              "snapshots/s.sql:2: key \"dbt_valid_to_current\" of config() is not supported");
    EXPECT_EQ(message("strategy='clock'"), "snapshots/s.sql:2: key \"strategy\" can't be \"clock\"");
    EXPECT_EQ(message("unique_key=[]"), "snapshots/s.sql:2: key \"unique_key\" of config() names no column");
    EXPECT_EQ(message("unique_key=['a', 'a']"),
              "snapshots/s.sql:2: column \"a\" is there twice in the key \"unique_key\" of config()");
    EXPECT_EQ(message("unique_key=['a', '']"),
              "snapshots/s.sql:2: key \"unique_key\" of config() has a column without a name");
    EXPECT_EQ(message("check_cols=[]"), "snapshots/s.sql:2: key \"check_cols\" of config() names no column");
    EXPECT_EQ(message("updated_at=''"), "snapshots/s.sql:2: key \"updated_at\" of config() names no column");
    EXPECT_EQ(message("hard_deletes='invalidated'"),
              "snapshots/s.sql:2: key \"hard_deletes\" can't be \"invalidated\"");
    EXPECT_EQ(message("hard_deletes='ignore', invalidate_hard_deletes=true"),
              "snapshots/s.sql:2: \"hard_deletes\" and \"invalidate_hard_deletes\" in config() say the same");
    EXPECT_EQ(message("schema='a', target_schema='b'"),
              "snapshots/s.sql:2: \"schema\" and \"target_schema\" in config() say the same");
    EXPECT_EQ(message("target_schema='B'"),
              "snapshots/s.sql:2: schema name \"B\" must consist of lower-case letters, digits and \"_\"");
    EXPECT_EQ(configured(by_time + ", materialized='table'").note("materialized").substr(0, 25),
              "ignored snapshots/s.sql:2");
    EXPECT_EQ(message("enabled=false"), "no error"); // nor is the rest asked for
    EXPECT_EQ(configured(by_time).failure().message, "no error");
    EXPECT_EQ(configured("strategy='clock'").failure().sqlstate, sqlstate::project_invalid);
}
