#include "core/project/job_config.h"
#include "core/project/meltano/tables.h"
#include "core/project/project.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

/// How it is read when the data lie beside the repository, as meltano.yml says with file://../data.
project::project look_at(const folder &f, const std::set<std::string> &folders = {}, const std::string &database = "") {
    project::surroundings around;
    around.database = database;
    const std::string data = std::filesystem::path(f.path()).parent_path().string() + "/data";
    around.data.paths = {data};
    around.data.has_folder = [folders](const std::string &path) { return folders.count(path) > 0; };
    return f.look({}, around);
}

std::string problems_of(const project::project &p) {
    std::string out;
    for (const project::problem &one : p.found->problems)
        out += one.at.text() + " " + one.kind + " " + one.name + ": " + one.message() + "\n";
    return out;
}

std::string note_of(const project::project &p, const std::string &name) {
    for (const project::note &n : p.found->notes)
        if (n.name == name)
            return n.kind + " " + n.change + " " + n.at.text() + " " + n.detail;
    return "";
}

std::string steps(const project::job &j) {
    std::string out;
    for (const project::job_step &s : j.steps)
        out += (out.empty() ? "" : ", ") + (s.kind == project::step_kind::run         ? "run " + s.tap
                                            : s.kind == project::step_kind::transform ? "transform " + s.selection
                                            : s.kind == project::step_kind::seed      ? "seed"
                                                                                      : "test " + s.selection);
    return out;
}

/// The whole of a table of tap-spreadsheets-anywhere.
std::string table_with(const std::string &keys) {
    return "plugins:\n  extractors:\n  - name: tap-x\n    inherit_from: tap-spreadsheets-anywhere\n    config:\n"
           "      tables:\n      - {path: 'file://../data/x', name: t, " +
           keys + "}\n";
}

const project::stream &only_stream(const project::project &p) { return p.taps.at(0).streams.at(0); }

} // namespace

TEST(Meltano, ATableOfSpreadsheetsAnywhere) {
    folder f;
    f.with("meltano.yml", "version: 1\nproject_id: mine\n" +
                              table_with("pattern: 'a.*.csv', key_properties: [ID, 'a b'], format: csv, delimiter: ;, "
                                         "quotechar: \"'\", encoding: latin-1, skip_initial: 2, search_prefix: sub, "
                                         "start_date: '2017-05-01T00:00:00.5Z', universal_newlines: false, "
                                         "invalid_format_action: ignore, "
                                         "schema_overrides: {N: {type: [null, integer]}, d: {type: string, format: "
                                         "date-time}, f: {type: number}, s: {type: string}}"));
    const auto p = look_at(f);
    EXPECT_EQ(problems_of(p), "");
    EXPECT_EQ(p.name, "mine");
    const project::stream &s = only_stream(p);
    EXPECT_EQ(s.tap, "tap_x");
    EXPECT_EQ(s.path, "x/sub");
    EXPECT_EQ(s.skips_failures, true);
    EXPECT_EQ(s.pattern, ".*(?:a.*.csv).*");
    EXPECT_EQ(s.key_properties, (std::vector<std::string>{"id", "a_b"}));
    EXPECT_EQ(s.csv.delimiter, ";");
    EXPECT_EQ(s.csv.quote, '\'');
    EXPECT_TRUE(s.csv.lenient);
    EXPECT_TRUE(s.blank_is_null);
    EXPECT_EQ(s.max_rejects.count, 0);
    EXPECT_EQ(s.csv.skip_lines, 2u);
    EXPECT_EQ(s.encodings, std::vector<std::string>{"latin-1"});
    EXPECT_EQ(s.start_date, 1493596800);
    std::string types;
    for (const project::column &c : s.columns)
        types += c.name + " " + c.type + " ";
    EXPECT_EQ(types, "n bigint d timestamptz f numeric s text ");
    EXPECT_EQ(s.at.text(), "meltano.yml:9");
}

TEST(Meltano, PatternsAreFoundAnywhereInAName) {
    EXPECT_EQ(project::meltano::whole_name_pattern("a"), ".*(?:a).*");
    EXPECT_EQ(project::meltano::whole_name_pattern("^a.*\\.csv$"), "(?:a.*\\.csv)");
    EXPECT_EQ(project::meltano::whole_name_pattern("a\\$"), ".*(?:a\\$).*");
    EXPECT_EQ(project::meltano::whole_name_pattern("^a|b$"), ".*(?:^a|b$).*");
    EXPECT_EQ(project::meltano::whole_name_pattern("(?i)^(?P<x>a)"), "(?i)(?:(a)).*");
    EXPECT_EQ(project::meltano::whole_name_pattern(""), ".*");
}

TEST(Meltano, WhatCantBeReadOfATable) {
    const auto problem = [](const std::string &keys) {
        folder f;
        f.with("meltano.yml", table_with(keys));
        return problems_of(look_at(f));
    };
    EXPECT_EQ(problem("pattern: a, format: excel"),
              "meltano.yml:7 extractor tap-x: format \"excel\" of table \"t\" of tap-x is not read\n");
    EXPECT_EQ(problem("pattern: 'a.xlsx', format: detect").substr(0, 42),
              "meltano.yml:7 extractor tap-x: format \"a.x");
    EXPECT_EQ(problem("pattern: a, schema_overrides: {c: {type: object}}"),
              "meltano.yml:7 extractor tap-x: the type of column \"c\" of the schema_overrides of table \"t\" of tap-x "
              "is not known\n");
    EXPECT_EQ(problem("pattern: a, selected: no"), "");
    EXPECT_EQ(problem("pattern: a.json, json_path: data"), "");
    folder f;
    f.with("meltano.yml",
           "plugins: {extractors: [{name: tap-spreadsheets-anywhere, config: {tables: [{path: 's3://b', name: "
           "t, pattern: a, format: csv}]}}]}");
    EXPECT_EQ(problems_of(look_at(f)), "meltano.yml:1 extractor tap-spreadsheets-anywhere: table \"t\" of "
                                       "tap-spreadsheets-anywhere reads \"s3://b\"\n");
    f.with("meltano.yml",
           "plugins: {extractors: [{name: tap-spreadsheets-anywhere, config: {tables: [{path: 'file:///srv/y', "
           "name: t, pattern: a, format: csv}]}}]}");
    const auto p = look_at(f);
    EXPECT_NE(problems_of(p).find("reads \"/srv/y\", which does not lie in barometre.data_directory"),
              std::string::npos);
    EXPECT_NE(p.found->problems.at(0).why.detail.find("/data\""), std::string::npos);
    f.with("meltano.yml", "plugins: {extractors: [{name: tap-csv}, {name: tap-spreadsheets-anywhere}]}");
    EXPECT_EQ(problems_of(look_at(f)),
              "meltano.yml:1 extractor tap-csv: plugin \"tap-csv\" has no \"files\" in its config\n"
              "meltano.yml:1 extractor tap-spreadsheets-anywhere: plugin "
              "\"tap-spreadsheets-anywhere\" has no \"tables\" in its config\n");
}

TEST(Meltano, WhatIsInheritedIncludedAndOverlaid) {
    folder f;
    f.with("meltano.yml", R"(version: 1
default_environment: prod
include_paths: ['./more/*.meltano.yml', 'none/*.yml']
env: {WHERE: ../data, SIGN: ;}
environments:
- name: prod
  env: {SIGN: '|'}
  config:
    plugins:
      extractors:
      - {name: tap-child, config: {tables: [{path: 'file://${WHERE}/b', name: t, pattern: x, format: csv, delimiter: $SIGN}]}}
- {name: dev, config: {plugins: {extractors: [{name: tap-child, config: {tables: []}}]}}}
plugins:
  extractors:
  - {name: tap-spreadsheets-anywhere, namespace: not_inherited, load_schema: Raw-Data}
  - {name: tap-base, inherit_from: tap-spreadsheets-anywhere, config: {tables: [{path: 'file://../data/a', name: t, pattern: x, format: csv}]}}
  - {name: tap-child, inherit_from: tap-base, load_schema: of_child}
  - {name: tap-a, inherit_from: tap-b}
  - {name: tap-b, inherit_from: tap-a}
)")
        .with("more/one.meltano.yml",
              "plugins: {extractors: [{name: tap-grandchild, inherit_from: tap-child, load_schema: "
              "third}, {name: tap-ns, namespace: my_ns, inherit_from: tap-base, load_schema: ns2}]}")
        .with("more/other.yml", "plugins: {extractors: 1}");
    const auto p = look_at(f);
    EXPECT_NE(problems_of(p).find("tap-a: plugin \"tap-a\" inherits from itself"), std::string::npos) << problems_of(p);
    EXPECT_NE(note_of(p, "include_paths").find("No file is called \"none/*.yml\""), std::string::npos);
    ASSERT_TRUE(p.find_stream("of_child", "t")) << problems_of(p);
    EXPECT_EQ(p.find_stream("of_child", "t")->path, "b");
    EXPECT_EQ(p.find_stream("of_child", "t")->csv.delimiter, "|");
    EXPECT_EQ(p.find_stream("third", "t")->path, "b");
    EXPECT_EQ(p.find_stream("third", "t")->at.file, "more/one.meltano.yml");
    ASSERT_TRUE(p.find_tap("raw_data"));
}

TEST(Meltano, VariablesAreThoseOfFilesAlone) {
    folder f;
    ::setenv("BARO_TEST_SIGN", ";", 1);
    f.with(".env", "BARO_TEST_SIGN=;\n")
        .with("meltano.yml", table_with("pattern: 'x$', format: csv, delimiter: '${BARO_TEST_SIGN}'"));
    const auto p = look_at(f);
    EXPECT_EQ(problems_of(p), "meltano.yml:7 extractor tap-x: the variable \"BARO_TEST_SIGN\" has no value here\n");
    EXPECT_EQ(p.found->problems.at(0).why.hint, "Say it in barometre.yml:  env: {BARO_TEST_SIGN: ...}");
    f.with("barometre.yml", head + "meltano: .\nenv: {BARO_TEST_SIGN: '|'}\n");
    EXPECT_EQ(problems_of(look_at(f)), "");
    EXPECT_EQ(only_stream(look_at(f)).csv.delimiter, "|");
    EXPECT_EQ(only_stream(look_at(f)).pattern, ".*(?:x)");
}

TEST(Meltano, AllWrongTablesAreToldAndTheOthersAreRead) {
    folder f;
    f.with("meltano.yml",
           "plugins: {extractors: [{name: tap-csv, config: {files: [{entity: a, path: /a.csv}, {entity: b, "
           "path: ../data/b.csv}, {entity: c, path: /c.csv}]}}]}");
    const auto p = look_at(f);
    EXPECT_EQ(p.found->problems.size(), 2u) << problems_of(p);
    EXPECT_TRUE(p.find_stream("tap_csv", "b"));
}

TEST(Meltano, FilesOfTapCsv) {
    folder f;
    f.with("meltano.yml",
           "plugins: {extractors: [{name: tap-csv, config: {files: [{entity: Leads, path: "
           "../data/in/leads.csv, keys: [Id], delimiter: ';'}, {entity: all, path: ../data/dir, keys: [], "
           "add_metadata_columns: true}]}}]}");
    const auto p = look_at(f, {"dir"});
    EXPECT_EQ(problems_of(p), "");
    const project::stream &one = *p.find_stream("tap_csv", "leads"), &all = *p.find_stream("tap_csv", "all");
    EXPECT_EQ(one.path, "in");
    EXPECT_EQ(one.pattern, "leads\\.csv");
    EXPECT_EQ(one.key_properties, std::vector<std::string>{"id"});
    EXPECT_EQ(one.csv.delimiter, ";");
    EXPECT_EQ(all.path, "dir");
    EXPECT_EQ(all.pattern, ".*\\.csv");
}

TEST(Meltano, OtherExtractorsAreSourcesOrSingerFiles) {
    folder f;
    f.with("meltano.yml", R"(plugins:
  extractors:
  - {name: tap-api, namespace: api_ns}
  - {name: tap-singer, config: {token: $SECRET}}
  - {name: tap-lines, inherit_from: tap-singer-jsonl, config: {local: {folders: [../data/lines]}}}
  loaders:
  - name: target-postgres
    config: {dbname: other, user: meltano, hard_delete: true, add_metadata_columns: true, data_flattening_max_level: 2}
  - name: target-jsonl
jobs:
- {name: all, tasks: [tap-api target-postgres, tap-singer target-postgres]}
- {name: none, tasks: tap-api target-postgres}
)");
    const auto p = look_at(f, {"singer/tap_singer"}, "mine");
    EXPECT_EQ(problems_of(p), "");
    EXPECT_TRUE(p.find_tap("api_ns")->streams.empty());
    EXPECT_NE(note_of(p, "tap-api").find("extractor not run meltano.yml:3 It reads no files"), std::string::npos)
        << note_of(p, "tap-api");
    const project::tap &singer = *p.find_tap("tap_singer");
    EXPECT_TRUE(singer.discovers);
    EXPECT_EQ(singer.settings.path, "singer/tap_singer");
    EXPECT_TRUE(singer.settings.singer.hard_delete);
    EXPECT_TRUE(singer.settings.singer.add_metadata_columns);
    EXPECT_EQ(singer.settings.json.flatten, 2u);
    EXPECT_EQ(p.find_tap("tap_lines")->settings.path, "lines");
    EXPECT_EQ(steps(*p.find_job("all")), "run tap_singer");
    EXPECT_FALSE(p.find_job("none"));
    EXPECT_EQ(note_of(p, "none").substr(0, 12), "job left out");
    EXPECT_EQ(note_of(p, "other").substr(0, 16), "database ignored");
    EXPECT_EQ(note_of(p, "target-jsonl").substr(0, 14), "loader ignored");
    EXPECT_EQ(p.roles.loader, "meltano");
}

TEST(Meltano, OneSchemaOfSeveralExtractors) {
    folder f;
    f.with("meltano.yml", R"(plugins:
  extractors:
  - {name: tap-csv, config: {files: [{entity: a, path: ../data/a.csv, keys: []}]}}
  - {name: tap-csv--b, inherit_from: tap-csv, config: {files: [{entity: b, path: ../data/b.csv, keys: []}]}}
  loaders:
  - {name: target-postgres, config: {default_target_schema: RAW}}
schedules:
- {name: s, extractor: tap-csv--b, loader: target-postgres, transform: skip}
)");
    const auto p = look_at(f);
    EXPECT_EQ(problems_of(p), "");
    EXPECT_TRUE(p.find_stream("raw", "a") && p.find_stream("raw", "b"));
    EXPECT_EQ(p.find_job("s")->steps.at(0).names, std::vector<std::string>{"b"});
}

namespace {

/// A repository with one file tap, and a mapping for its stream "t".
folder with_mapping(const std::string &stream_maps, const std::string &tasks = "[tap-x m target-postgres]") {
    folder f;
    f.with("meltano.yml",
           table_with("pattern: a, format: csv, field_names: [a, b, c], key_properties: [a]") +
               "  loaders: [{name: target-postgres}]\n  mappers:\n  - name: mapper\n    mappings:\n    - name: m\n"
               "      config: {stream_maps: " +
               stream_maps +
               "}\n    - {name: m2, config: {stream_maps: {}}}\n"
               "jobs: [{name: j, tasks: " +
               tasks + "}]\n");
    return f;
}

} // namespace

TEST(Meltano, Mappings) {
    const auto p = look_at(
        with_mapping("{t: {x: md5(a), b: b, c: null, __else__: __NULL__, __key_properties__: [x], __alias__: Other}}"));
    EXPECT_EQ(problems_of(p), "");
    const project::stream &s = *p.find_stream("tap_x", "other");
    EXPECT_EQ(s.map.size(), 3u);
    EXPECT_TRUE(s.map.at(0).md5);
    EXPECT_TRUE(s.map.at(2).source.empty());
    EXPECT_FALSE(s.map_keeps_rest);
    EXPECT_EQ(s.key_properties, std::vector<std::string>{"x"});
    const auto of_source = look_at(with_mapping("{t: null, new: {__source__: t, b: null}}"));
    EXPECT_EQ(problems_of(of_source), "");
    EXPECT_FALSE(of_source.find_stream("tap_x", "t"));
    EXPECT_TRUE(of_source.find_stream("tap_x", "new"));
    EXPECT_EQ(note_of(p, "m2").substr(0, 15), "mapping ignored");
}

TEST(Meltano, MappingsThatNeedPython) {
    EXPECT_NE(problems_of(look_at(with_mapping("{t: {x: 'a + b'}}"))).find("field \"x\" is an expression of Python"),
              std::string::npos);
    EXPECT_NE(problems_of(look_at(with_mapping("{t: {__filter__: a}}")))
                  .find("key \"__filter__\" is an expression of Python"),
              std::string::npos);
    EXPECT_NE(problems_of(look_at(with_mapping("{t: {__other__: a}}"))).find("key \"__other__\" can't be \"a\""),
              std::string::npos);
    const auto two = look_at(with_mapping("{t: {}}", "[tap-x m target-postgres, tap-x m2 target-postgres]"));
    EXPECT_NE(problems_of(two).find("is run with two different mappings, m and m2"), std::string::npos)
        << problems_of(two);
    EXPECT_NE(problems_of(two).find("job j: job \"j\" runs \"tap-x\", which can't be used"), std::string::npos)
        << problems_of(two);
}

TEST(Meltano, SuchNamesAreReservedInEveryMap) {
    for (const char *name : {"__alias__", "__filter__", "__key_properties__", "__source__", "__more__"}) {
        folder f;
        f.with("barometre.yml",
               head + "taps: [{name: t, streams: [{name: s, path: ., pattern: a, map: {" + name + ": v}}]}]\n");
        EXPECT_EQ(f.failure().message, std::string("barometre.yml:3: \"") + name + "\" can't be used in a map");
    }
    folder f;
    f.with("barometre.yml",
           head + "taps: [{name: t, streams: [{name: s, path: ., pattern: a, map: {v: w, __else__: __NULL__}}]}]\n");
    EXPECT_FALSE(f.read().taps.at(0).streams.at(0).map_keeps_rest);
}

namespace {

const std::string of_jobs = table_with("pattern: a, format: csv") + R"(  loaders: [{name: target-postgres}]
  transformers:
  - {name: dbt, config: {models: 'tag:daily'}}
  utilities:
  - {name: dbt-postgres, commands: {some: {args: 'run --select a b --exclude c --full-refresh --threads 2'}, deps2: dbt-not}}
  - {name: sqlfluff}
)";

folder with_schedules(const std::string &more) {
    folder f;
    f.with("meltano.yml", of_jobs + more)
        .with("transform/dbt_project.yml", "name: shop\n")
        .with("transform/models/a.sql", "{{ config(tags='daily') }} select 1 as x")
        .with("transform/models/b.sql", "select 1 as x")
        .with("transform/models/c.sql", "select 1 as x");
    return f;
}

} // namespace

TEST(Meltano, Tasks) {
    const auto p = look_at(with_schedules(R"(jobs:
- {name: Text, tasks: tap-x target-postgres dbt:run}
- {name: lists, tasks: [[tap-x target-postgres, 'dbt:deps'], dbt-postgres:seed dbt-postgres:test, dbt-postgres:build]}
- {name: chosen, tasks: [dbt-postgres:some]}
- {name: other, tasks: [sqlfluff:lint]}
- {name: wrong, tasks: [tap-y target-postgres]}
- {name: snap, tasks: ['dbt:snapshot']}
- {name: open, tasks: [tap-x]}
- {name: unknown, tasks: ['dbt-postgres:deps2']}
)"));
    EXPECT_EQ(p.schema, "analytics");
    EXPECT_EQ(steps(*p.find_job("text")), "run tap_x, transform tag:daily");
    EXPECT_EQ(steps(*p.find_job("lists")), "run tap_x, seed, test *, transform *");
    EXPECT_FALSE(p.find_job("snap"));
    const project::job_step &chosen = p.find_job("chosen")->steps.at(0);
    EXPECT_EQ(chosen.selection, "a b");
    EXPECT_EQ(chosen.exclude, "c");
    EXPECT_TRUE(chosen.full_refresh);
    EXPECT_EQ(
        problems_of(p),
        "meltano.yml:18 job other: job \"other\" runs \"sqlfluff:lint\", which does not run here\n"
        "meltano.yml:19 job wrong: job \"wrong\" names \"tap-y\", which is no plugin or mapping that can be used\n"
        "meltano.yml:21 job open: job \"open\" has no loader after \"tap-x\"\n"
        "meltano.yml:22 job unknown: job \"unknown\" runs \"dbt-postgres:deps2\", which is not known here\n");
    EXPECT_EQ(note_of(p, "sqlfluff").substr(0, 15), "utility ignored") << note_of(p, "sqlfluff");
}

TEST(Meltano, Schedules) {
    const std::string schedules = R"(schedules:
- {name: e1, extractor: tap-x, loader: target-postgres, transform: run, interval: '@hourly', start_date: 2022-06-27 00:00:00, env: {A: b}}
- {name: e2, extractor: tap-x, loader: target-postgres, transform: only, interval: '@hourly'}
- {name: e3, extractor: tap-x, loader: target-postgres, transform: skip, interval: '@once'}
- {name: e4, extractor: tap-x, loader: target-postgres, interval: '5 4 * * *'}
- {name: weekly, job: j, interval: '@weekly'}
- {name: j1, job: j, interval: '@hourly'}
- {name: lost, job: nothing, interval: '@hourly'}
jobs: [{name: j, tasks: [tap-x target-postgres]}]
)";
    folder f = with_schedules(schedules);
    auto p = look_at(f);
    EXPECT_EQ(problems_of(p),
              "meltano.yml:21 job lost: schedule \"lost\" names the job \"nothing\", which is not there\n");
    EXPECT_EQ(steps(*p.find_job("e1")), "run tap_x, transform tag:daily");
    EXPECT_EQ(steps(*p.find_job("e2")), "transform tag:daily");
    EXPECT_EQ(steps(*p.find_job("e3")), "run tap_x");
    EXPECT_TRUE(p.find_job("e3")->by_hand() && p.find_job("j")->by_hand());
    EXPECT_EQ(p.find_job("e1")->interval, "0 * * * *");
    EXPECT_EQ(p.find_job("weekly")->interval, "0 0 * * 0");
    EXPECT_EQ(p.find_job("e4")->interval, "5 4 * * *");
    EXPECT_EQ(p.find_job("e2")->after, "");
    EXPECT_TRUE(p.find_job("e1")->start_date);
    EXPECT_EQ(note_of(p, "weekly"), "schedule scheduled meltano.yml:19 Job weekly at 0 0 * * 0 (UTC).");

    f.with("scripts/make_crontab.py", "");
    p = look_at(f);
    EXPECT_EQ(p.find_job("j1")->after, ""); // those of jobs come first
    EXPECT_EQ(p.find_job("e1")->after, "j1");
    EXPECT_EQ(p.find_job("e2")->after, "e1");
    EXPECT_EQ(p.find_job("e1")->interval, "30 * * * *");
    EXPECT_EQ(p.find_job("weekly")->interval, "0 1 * * 0");
    EXPECT_EQ(p.find_job("e4")->after, "");
    EXPECT_EQ(note_of(p, "e2"), "schedule scheduled meltano.yml:16 Job e2 at 30 * * * * (UTC), after e1.");

    f.with("barometre.yml", "version: 1\nmeltano: .\nchain: false\n");
    EXPECT_EQ(look_at(f).find_job("e1")->interval, "0 * * * *");
    std::filesystem::remove_all(f.path() + "/scripts");
    f.with("barometre.yml", "version: 1\nmeltano: .\nchain: true\n");
    EXPECT_EQ(look_at(f).find_job("e2")->after, "e1");
}

TEST(Meltano, ASelectionOfNothingIsAProblemOfItsJob) {
    folder f;
    f.with("meltano.yml", "plugins: {transformers: [{name: dbt, config: {models: nobody}}]}\njobs:\n- {name: j, tasks: "
                          "['dbt:run']}\n- {name: k, tasks: ['dbt:test']}\n")
        .with("transform/dbt_project.yml", "name: shop\n")
        .with("transform/models/a.sql", "select 1 as x");
    const auto p = look_at(f);
    project::check_selections(p);
    EXPECT_EQ(problems_of(p).substr(0, 20), "meltano.yml:3 job j:");
    EXPECT_TRUE(p.find_job("j") && p.find_job("k"));
}

TEST(Meltano, BarometreYmlWins) {
    folder f = with_schedules(
        "jobs: [{name: j, tasks: [tap-x target-postgres]}, {name: k, tasks: [tap-x target-postgres]}]\n");
    f.with("barometre.yml", R"(version: 1
meltano: .
roles: {loader: l}
stream_defaults: {max_rejects: 7}
taps:
- {name: own, streams: [{name: s, path: ., pattern: a}]}
jobs:
- {name: first, after: k, steps: [{run: own}]}
- {name: j, steps: [{run: tap_x}, {run: own}]}
)");
    auto p = look_at(f);
    EXPECT_EQ(problems_of(p), "");
    EXPECT_EQ(p.find_stream("tap_x", "t")->max_rejects.count, 7);
    EXPECT_TRUE(p.find_stream("tap_x", "t")->blank_is_null);
    EXPECT_FALSE(p.find_stream("own", "s")->blank_is_null);
    EXPECT_EQ(steps(*p.find_job("j")), "run tap_x, run own");
    EXPECT_EQ(note_of(p, "j").substr(0, 14), "job overridden");
    EXPECT_EQ(steps(*p.find_job("k")), "run tap_x");
    EXPECT_EQ(p.roles.loader, "l");
    f.with("barometre.yml",
           "version: 1\nmeltano: .\ntaps: [{name: tap_x, streams: [{name: mine, path: ., pattern: a}]}]\n");
    p = look_at(f);
    EXPECT_EQ(note_of(p, "tap_x").substr(0, 14), "tap overridden");
    EXPECT_TRUE(p.find_stream("tap_x", "mine") && !p.find_stream("tap_x", "t"));
}

TEST(Meltano, TheTransformersProject) {
    folder f = with_schedules("");
    EXPECT_TRUE(look_at(f).find_model("a"));
    EXPECT_EQ(look_at(f).find_model("a")->schema, "analytics");
    f.with("meltano.yml", "plugins: {transformers: [{name: dbt, config: {project_dir: $MELTANO_PROJECT_ROOT/other, "
                          "target_schema: mart}}]}");
    f.with("other/dbt_project.yml", "name: other\n");
    EXPECT_EQ(look_at(f).package, "other");
    EXPECT_EQ(look_at(f).schema, "mart");
    std::filesystem::remove_all(f.path() + "/other");
    auto p = look_at(f);
    EXPECT_EQ(note_of(p, "dbt"), "transformer ignored meltano.yml:1 There is no dbt_project.yml in other/. If it is "
                                 "elsewhere, say in barometre.yml:  dbt: <folder>");
    EXPECT_EQ(p.package, "");
    f.with("transform/dbt_project.yml", "nme: shop\n"); // taps don't hang on it
    f.with("meltano.yml", of_jobs);
    p = look_at(f);
    EXPECT_TRUE(p.blocks_all);
    EXPECT_TRUE(p.find_stream("tap_x", "t"));
}

TEST(Meltano, WhereItMayBe) {
    folder f;
    EXPECT_NE(f.failure().message.find("nor a meltano.yml"), std::string::npos);
    f.with("barometre.yml", "version: 1\nmeltano: etl\n");
    EXPECT_NE(f.failure().message.find("there is no meltano.yml in"), std::string::npos);
    f.with("etl/meltano.yml", "include_paths: [a/*.yml]\nplugins: {transformers: [{name: dbt}]}\n")
        .with("etl/a/x.yml",
              "plugins: {extractors: [{name: tap-x, inherit_from: tap-csv, config: {files: [{entity: a, path: "
              "../../data/a.csv, keys: []}]}}]}")
        .with("etl/transform/dbt_project.yml", "name: shop\n")
        .with("etl/transform/models/m.sql", "select 1");
    const auto p = look_at(f);
    EXPECT_EQ(problems_of(p), "");
    EXPECT_EQ(p.name, "etl");
    EXPECT_TRUE(p.find_model("m"));
    EXPECT_EQ(only_stream(p).at.text(), "etl/a/x.yml:1");
    f.with("barometre.yml", "version: 1\nmeltano: ../etl\n");
    EXPECT_NE(f.failure().message.find("lies outside the project"), std::string::npos);
}
