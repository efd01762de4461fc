#include "core/error.h"
#include "core/project/dependencies.h"
#include "core/project/templates.h"
#include "core/project/yaml_reader.h"
#include "core/text/utf8.h"
#include "project_folder.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

using namespace barometre;
namespace fs = std::filesystem;
using namespace std::string_literals;

namespace {

const std::string tap =
    head + "taps:\n  - name: t\n    streams:\n      - name: s\n        path: .\n        pattern: .*\n";

/// The default project.
project::project read_here() {
    project::surroundings around;
    around.packages = project::read_builtin_packages(file::root::open("packages"));
    return project::read_project(file::root::open("."), {}, project::schema_names::refused, around);
}

} // namespace

TEST(Project, DefaultProjectIsReadWhole) {
    auto p = read_here();
    EXPECT_EQ(p.taps.size(), 8u);
    EXPECT_EQ(p.models.size(), 37u);
    EXPECT_EQ(p.seeds.size(), 8u);
    EXPECT_EQ(p.tests.size(), 9u);
    EXPECT_EQ(p.jobs.size(), 8u); // seven schedules, and the first fill
    const auto *s = p.find_stream("tap_csv_easiware", "easiware_requests");
    ASSERT_TRUE(s);
    EXPECT_EQ(s->csv.delimiter, ";");
    EXPECT_TRUE(s->blank_is_null);
    EXPECT_FALSE(s->map_keeps_rest);
    EXPECT_TRUE(s->map.at(0).md5);
    EXPECT_EQ(s->start_date, 1262304000);
    EXPECT_EQ(p.roles.loader, "meltano");
    EXPECT_TRUE(p.find_seed("easiware_categories")->file.empty());
}
TEST(Project, UnknownKeyNamesFileLineAndTheNearestKey) {
    auto e = folder().with("barometre.yml", tap + "        delimeter: ;\n").failure();
    EXPECT_EQ(e.message, "barometre.yml:9: unknown key \"delimeter\" in stream \"s\"");
    EXPECT_EQ(e.hint, "Did you mean \"delimiter\"?");
    EXPECT_EQ(e.sqlstate, sqlstate::project_invalid);
}
TEST(Project, KeysOfLaterWorkAreUnknown) {
    EXPECT_NE(folder().with("barometre.yml", tap + "        interval: 1\n").failure().message.find("unknown key"),
              std::string::npos);
    EXPECT_NE(folder().with("barometre.yml", head + "exposures: []\n").failure().message.find("unknown key"),
              std::string::npos);
}
TEST(Project, WrongTypesAndMissingKeysAreNamed) {
    EXPECT_EQ(folder().with("barometre.yml", "version: one\nname: p\n").failure().message,
              "barometre.yml:1: key \"version\" must be an integer");
    EXPECT_EQ(folder().with("barometre.yml", "version: 1\n").failure().message,
              "barometre.yml:1: the file lacks the key \"name\"");
    EXPECT_EQ(folder()
                  .with("barometre.yml", head + "taps:\n  - name: t\n    streams:\n      - name: s\n        path: .\n")
                  .failure()
                  .message,
              "barometre.yml:6: stream \"s\" lacks the key \"pattern\"");
    EXPECT_EQ(folder().with("barometre.yml", tap + "        delimiter: ''\n").failure().message,
              "barometre.yml:9: key \"delimiter\" must be one or a few characters");
    EXPECT_EQ(folder().with("barometre.yml", tap + "        start_date: soon\n").failure().detail, "It is \"soon\".");
}
TEST(Project, NotYamlIsAnErrorWithItsLine) {
    EXPECT_EQ(folder().with("barometre.yml", head + "taps: [\n").failure().message.substr(0, 14), "barometre.yml:");
    EXPECT_NE(folder().with("barometre.yml", head + std::string(2000, '[')).failure().message.find("nested too deep"),
              std::string::npos);
}
TEST(Project, SameKeyOrNameTwiceIsAnError) {
    EXPECT_EQ(folder().with("barometre.yml", head + "name: q\n").failure().message,
              "barometre.yml:3: key \"name\" is given twice");
    EXPECT_NE(folder()
                  .with("barometre.yml", head)
                  .with("models/a.sql", "select 1")
                  .with("seeds/a.csv", "x\n1\n")
                  .failure()
                  .message.find("twice"),
              std::string::npos);
}
TEST(Project, DashInANameGetsTheRightOneAsHint) {
    auto e = folder().with("barometre.yml", head + "taps:\n  - name: tap-csv\n    streams: []\n").failure();
    EXPECT_EQ(e.hint, "Use \"tap_csv\".");
}
TEST(Project, TestsAreReadInDbtsForm) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "select 1 as x");
    f.with("models/a.yml",
           "version: 2\nmodels:\n  - name: a\n    columns:\n      - name: x\n        tests:\n          - unique\n"
           "          - accepted_values: {values: [1, 2], severity: warn}\n          - relationships: {to: ref('a'), "
           "field: x}\n");
    auto p = f.read();
    const auto &tests = p.models.at(0).columns.at(0).tests;
    ASSERT_EQ(tests.size(), 3u);
    EXPECT_EQ(project::json_text(tests[1].arguments.at("values")), "[1, 2]");
    EXPECT_EQ(tests[1].config.severity, project::severity::warn);
    EXPECT_EQ(tests[2].reads, std::vector<std::string>{"a"});
    f.with("models/a.yml", "models:\n  - name: a\n    columns:\n      - {name: x, tests: [uniqe]}\n");
    EXPECT_EQ(f.failure().hint, "Did you mean \"unique\"?");
}
TEST(Project, ReferenceToNothingNamesModelFileAndLine) {
    auto e = folder()
                 .with("barometre.yml", head)
                 .with("models/abc.sql", "select 1")
                 .with("models/b.sql", "select *\nfrom {{ ref('abd') }}")
                 .failure();
    EXPECT_EQ(e.message, "model \"b\" (models/b.sql, line 2) refers to \"abd\", which is neither a model nor a seed");
    EXPECT_EQ(e.hint, "Did you mean \"abc\"?");
}
TEST(Project, CircleIsAnError) {
    auto e = folder()
                 .with("barometre.yml", head)
                 .with("models/a.sql", "select * from {{ ref('b') }}")
                 .with("models/b.sql", "select * from {{ ref('a') }}")
                 .failure();
    EXPECT_EQ(e.sqlstate, sqlstate::bad_graph);
}
TEST(Project, HashChangesWithAnyFile) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "select 1");
    auto before = f.read().hash;
    EXPECT_EQ(f.read().hash, before);
    f.with("models/a.sql", "select 2");
    EXPECT_NE(f.read().hash, before);
}
TEST(Project, LinkOutOfTheProjectIsRefused) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "select 1");
    const std::string root = f.read().folder->path();
    fs::create_symlink("/etc/hostname", root + "/models/b.sql");
    EXPECT_NE(f.failure().message.find("lies outside the project"), std::string::npos);
}

TEST(Project, ProjectFilesThatAreNoFilesAreRefused) {
    for (const char *name : {"barometre.yml", "models/m.sql", "models/m.yml", "seeds/s.csv", "macros/x.sql",
                             "tests/t.sql", "functions/f.sql", "snapshots/s.sql", "tests/generic/g.sql"}) {
        folder f;
        f.with("barometre.yml", head).with("models/a.sql", "select 1");
        const fs::path root = f.read().folder->path(), path = root / name;
        auto refusal = [&](const std::string &what) {
            const error e = f.failure();
            EXPECT_EQ(e.sqlstate, sqlstate::bad_file) << name;
            EXPECT_NE(e.message.find(name), std::string::npos) << e.message;
            EXPECT_NE(e.message.find(what), std::string::npos) << e.message;
            EXPECT_NE(e.hint, "") << name;
            fs::remove(path);
        };
        fs::create_directories(path.parent_path());
        fs::remove(path);
        ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
        refusal("is a named pipe, not a regular file");
        fs::create_symlink("/etc/hostname", path);
        refusal("lies outside the project");
        fs::create_symlink("/dev/zero", path);
        refusal("lies outside the project");
        fs::create_symlink(path.filename(), path);
        refusal("Too many levels of symbolic links");
        fs::create_symlink("nowhere", path);
        refusal("No such file or directory");
    }
}
TEST(Project, FoldersOfTheProjectAreFolders) {
    folder f;
    f.with("barometre.yml", head);
    const fs::path models = fs::path(f.read().folder->path()) / "models";
    fs::create_directory_symlink("/etc", models);
    EXPECT_EQ(f.failure().message, "\"models\" lies outside the project");
    fs::remove(models);
    ASSERT_EQ(::mkfifo(models.c_str(), 0600), 0);
    EXPECT_EQ(f.failure().message, "folder \"models\" of the project is a named pipe, not a folder");
    fs::remove(models);
    f.with("shared/sub/a.sql", "select 1").with("lib/b.sql", "select 2");
    fs::create_directory_symlink("shared", models);
    fs::create_symlink("../lib/b.sql", models / "c.sql");
    fs::create_directory_symlink("..", models / "circle");
    const auto p = f.read(); // links that stay inside, by their names
    ASSERT_EQ(p.models.size(), 2u);
    EXPECT_EQ(p.find_model("c")->source, "select 2");
    EXPECT_EQ(p.find_model("a")->file, "models/sub/a.sql");
    EXPECT_EQ(p.find_model("a")->folder, "sub");
}
TEST(Project, FoldersAreNamedInManyWays) {
    for (const char *models : {"./sql", "sql/", "sql/.", "sql"}) {
        const auto p = folder()
                           .with("barometre.yml", head + "paths: {models: [" + models + "]}\n")
                           .with("sql/sub/a.sql", "select 1")
                           .read();
        EXPECT_EQ(p.find_model("a")->file, "sql/sub/a.sql") << models;
        EXPECT_EQ(p.find_model("a")->folder, "sub") << models;
    }
}
TEST(Project, NamesOfFilesAreText) {
    for (const char *name :
         {"models/a\nb.sql", "models/a\x1b[31m.sql", "models/\xff.sql", "seeds/a\tb.csv", "models/\n/a.sql"}) {
        const error e = folder().with("barometre.yml", head).with(name, "select 1").failure();
        EXPECT_EQ(e.sqlstate, sqlstate::bad_file) << name;
        EXPECT_NE(e.message.find("name of a file of the project"), std::string::npos) << e.message;
        EXPECT_EQ(e.detail.find_first_of("\n\x1b\xff\t"), std::string::npos) << e.detail;
    }
}
TEST(Project, SeedsHaveTheirKeysAndThoseOfDbt) {
    const auto p =
        folder()
            .with("barometre.yml", head + "seeds: [{name: a, delimiter: ';', decimal: ',', column_types: {Code "
                                          "Postal: varchar(5)}, columns: [{name: n, type: int}]}]\n")
            .with("seeds/a.csv", "x\n")
            .with("seeds/b.csv", "x\n")
            .with("seeds/s.yml", "seeds:\n- {name: a, config: {column_types: {n: int}, tags: t}}\n- name: b\n  "
                                 "columns: [{name: id, description: d}]\n  config: {delimiter: \"\\t\", "
                                 "column_types: {ID: text}}\n")
            .read();
    const project::seed *a = p.find_seed("a"), *b = p.find_seed("b");
    EXPECT_EQ(a->delimiter, ";");
    EXPECT_EQ(a->decimal, ',');
    ASSERT_EQ(a->columns.size(), 2u);
    EXPECT_EQ(a->columns[1].name + " " + a->columns[1].type, "code_postal varchar(5)");
    EXPECT_EQ(b->delimiter, "\t");
    ASSERT_EQ(b->columns.size(), 1u);
    EXPECT_EQ(b->columns[0].type + " " + b->columns[0].description, "text d");
    auto failure = [](const std::string &seed) {
        return folder().with("barometre.yml", head + "seeds:\n- {name: a, " + seed + "}\n").failure().message;
    };
    EXPECT_EQ(failure("column_types: {n: int}, columns: [{name: n, type: text}]"),
              "barometre.yml:4: column \"n\" has two types");
    EXPECT_EQ(failure("delimiter: ''"), "barometre.yml:4: key \"delimiter\" must be one or a few characters");
    EXPECT_EQ(failure("decimal: x"), "barometre.yml:4: key \"decimal\" can't be \"x\"");
    EXPECT_EQ(failure("config: {colum_types: {}}"),
              "barometre.yml:4: unknown key \"colum_types\" in config of seed \"a\"");
}
TEST(Project, FilesThatAreNotTextOfTheDatabaseAreRefused) {
    struct {
        const char *file, *before, *after;
    } const all[] = {
        {"barometre.yml", "version: 1\nname: p\n# caf", ""},
        {"barometre.yml", "version: 1\nname: p\njobs: [{name: j, steps: [{sql: \"select 'caf", "'\"}]}]\n"},
        {"models/a.sql", "select 1\n -- \u20ac ", ""},
        {"models/a.yml", "models:\n- {name: a, description: t", "}"},
        {"models/deep/er/a.yaml", "\n# ", ""},
        {"snapshots/s.sql", "{% snapshot s %}\nselect '", "' {% endsnapshot %}"},
        {"snapshots/s.yml", "\n# ", ""},
        {"seeds/s.yml", "\n# ", ""},
        {"macros/m.sql", "{% macro m() %}\n", "{% endmacro %}"},
        {"tests/t.sql", "select\n'", "'"},
        {"tests/generic/g.sql", "{% test g(model) %}\n", "{% endtest %}"},
        {"functions/f.sql", "select\n'", "'"},
    };
    for (const auto &[file, before, after] : all) {
        auto failure = [&](const std::string &bad) {
            return folder()
                .with("barometre.yml", head)
                .with("models/a.sql", "select 1")
                .with(file, before + bad + after)
                .failure();
        };
        const text::spot at = text::spot_of(before, std::string_view(before).size());
        const std::string where = std::string(file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
        EXPECT_GT(at.line, 1);
        error e = failure("\xe9");
        EXPECT_EQ(e.message, where + ": byte 0xe9 is not UTF-8");
        EXPECT_EQ(e.sqlstate, sqlstate::project_invalid);
        EXPECT_NE(e.hint.find("iconv -f WINDOWS-1252 -t UTF-8"), std::string::npos);
        EXPECT_EQ(failure("\xed\xa0\x80").message, where + ": byte 0xed is not UTF-8"); // half of a pair
        EXPECT_EQ(failure(std::string(1, '\0')).message, where + ": there is a NUL byte");
        EXPECT_EQ(failure("\u00e9\xe9").message, std::string(file) + ":" + std::to_string(at.line) + ":" +
                                                     std::to_string(at.column + 1) + ": byte 0xe9 is not UTF-8");
    }
    const error e = folder().with("barometre.yml", head).with("models/a.sql", "\xff\xfes\0e\0"s).failure();
    EXPECT_EQ(e.message, "models/a.sql:1:1: this is UTF-16, not UTF-8");
    EXPECT_NE(e.hint.find("iconv -f UTF-16"), std::string::npos);
}
TEST(Project, ByteOrderMarksArePassedOver) {
    const std::string mark = "\xEF\xBB\xBF";
    const auto p = folder()
                       .with("barometre.yml", mark + head)
                       .with("models/a.sql", mark + mark + "select '\u00e9'")
                       .with("models/a.yml", mark + "models: [{name: a, description: \"t\\xe9\"}]")
                       .with("functions/f.sql", mark + "select 1")
                       .with("macros/m.sql", mark + "{% macro m() %}1{% endmacro %}")
                       .with("snapshots/s.sql",
                             mark + "{% snapshot s %}{{ config(unique_key='id', strategy='check', check_cols='all') "
                                    "}}select 1 as id{% endsnapshot %}")
                       .with("tests/t.sql", mark + "select 1")
                       .read();
    EXPECT_EQ(p.find_model("a")->source, "select '\u00e9'");
    EXPECT_EQ(p.find_model("a")->description, "t\u00e9");
    EXPECT_EQ(p.functions.at(0).source, "select 1");
    EXPECT_EQ(p.tests.at(0).source, "select 1");
    EXPECT_TRUE(p.find_model("s"));
}
TEST(Project, EscapesOfYamlMakeNoNulByte) {
    auto failure = [](const std::string &yaml) {
        return folder().with("barometre.yml", head + yaml).failure().message;
    };
    EXPECT_EQ(failure("vars: {a: 1,\n  b: [\"x\\0y\"]}\n"), "barometre.yml:4:7: there is a NUL byte in the b");
    EXPECT_EQ(failure("vars: {\"b\\x00\": 1}\n"), "barometre.yml:3:8: there is a NUL byte in the key");
    EXPECT_EQ(failure("taps: [{name: t, description: \"\\u0000\"}]\n"),
              "barometre.yml:3:31: there is a NUL byte in the description");
}
// They ended every session, or ran on whatever the timeout was.
TEST(Project, AliasesAreBounded) {
    const auto fails = [](const std::string &vars) {
        return folder().with("barometre.yml", head + vars).failure().message;
    };
    EXPECT_NE(fails("vars: {a: &a [*a]}\n").find("nested too deep"), std::string::npos);
    EXPECT_NE(fails("vars: {a: &a {b: *a}}\n").find("nested too deep"), std::string::npos);
    EXPECT_NE(fails("vars: &a {? *a : 1}\n").find("nested too deep"), std::string::npos);
    std::string many = "vars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n", chain = "vars:\n  a0: &a0 [x]\n";
    for (int i = 1; i < 10; ++i) {
        many += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int n = 0; n < 9; ++n)
            many += (n ? ", *a" : "*a") + std::to_string(i - 1);
        many += "]\n";
    }
    for (int i = 1; i < 30000; ++i)
        chain += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    EXPECT_NE(fails(many).find("more than 250000 values"), std::string::npos);
    EXPECT_NE(fails(chain).find("nested too deep"), std::string::npos);
    EXPECT_EQ(fails("vars: {a: &a [1, 2], b: *a, c: [*a, *a]}\n"), "no error");
}
// Each file was bounded, and a project of many was not.
TEST(Project, ItsFilesHaveOneBudget) {
    const auto refused = [](const std::string &text, budget left) {
        try {
            project::yaml_map::parse("a: 1\n", "one.yml", left);
            project::yaml_map::parse(text, "two.yml", left);
        } catch (const error &e) {
            return e.message;
        }
        return std::string("no error");
    };
    EXPECT_EQ(refused("a: [1, 2, 3]\n", {.values = 7}), "no error");
    EXPECT_EQ(refused("a: [1, 2, 3]\n", {.values = 6}),
              "two.yml: the YAML files of the project have too many values, with those of their aliases");
    EXPECT_EQ(refused("a: &a [1, 2]\nb: *a\n", {.values = 8}),
              "two.yml: the YAML files of the project have too many values, with those of their aliases");
    EXPECT_EQ(refused("a: 1\n", {.time = std::chrono::nanoseconds(1)}),
              "one.yml: the files of the project take too long to be read");
}
// A bracket in a text was taken for one that opens a list.
TEST(Project, BracketsInTextsDoNotNest) {
    std::string texts = "vars:\n";
    for (int i = 0; i < 200; ++i)
        texts += "  v" + std::to_string(i) + ": 'half open ['\n";
    EXPECT_EQ(folder().with("barometre.yml", head + texts).failure().message, "no error");
    EXPECT_NE(folder()
                  .with("barometre.yml",
                        head + "description: '" + std::string(3000, ']') + "'\nvars: " + std::string(2000, '['))
                  .failure()
                  .message.find("nested too deep"),
              std::string::npos);
}
TEST(Project, WhatIsTooLargeIsNotRead) {
    auto with_size = [](const char *name, std::uintmax_t size) {
        folder f;
        f.with("barometre.yml", head).with(name, "");
        fs::resize_file(fs::path(f.path()) / name, size);
        return f.failure();
    };
    EXPECT_EQ(with_size("barometre.yml", std::uintmax_t{10} << 30).message,
              "barometre.yml: the file is larger than 1 MiB");
    EXPECT_EQ(with_size("models/a.yml", std::uintmax_t{10} << 30).message,
              "models/a.yml: the file is larger than 1 MiB");
    EXPECT_EQ(with_size("models/a.sql", std::uintmax_t{10} << 30).message,
              "models/a.sql: the file is larger than 16 MiB");
    EXPECT_EQ(with_size("models/a.sql", (16 << 20) + 1).message, "models/a.sql: the file is larger than 16 MiB");
    EXPECT_EQ(with_size("seeds/a.csv", std::uintmax_t{10} << 30).message, "no error"); // seeds are data
    folder f;
    f.with("barometre.yml", head);
    // Of macros, which are quick to read: the time that templates may take is none of this.
    f.with("macros/m0.sql", std::string(16 << 20, ' '));
    for (int i = 1; i < 17; ++i)
        fs::create_hard_link(fs::path(f.path()) / "macros/m0.sql",
                             fs::path(f.path()) / ("macros/m" + std::to_string(i) + ".sql"));
    EXPECT_EQ(f.failure().message, "the files of the project are larger than 256 MiB together");
}
TEST(Project, FoldersThatNestWithoutEndAreRefused) {
    folder f;
    f.with("barometre.yml", head);
    std::string path = "models/";
    for (int i = 0; i < 100; ++i)
        path += "d/";
    EXPECT_NE(f.with(path + "a.sql", "").failure().message.find("nest too deep"), std::string::npos);
}
TEST(Project, PatternsLeadToNoOtherFolder) {
    for (const char *pattern : {"../a.*", "/etc/.*", "in/../.*"}) {
        const error e = folder()
                            .with("barometre.yml", head + "taps: [{name: t, streams: [{name: s, path: in, pattern: '" +
                                                       pattern + "'}]}]\n")
                            .failure();
        EXPECT_EQ(e.message, "barometre.yml:3: key \"pattern\" can't lead to another folder");
    }
    EXPECT_EQ(folder()
                  .with("barometre.yml", head + "taps: [{name: t, streams: [{name: s, path: in, pattern: "
                                                "'[^/]*..csv'}]}]\n")
                  .failure()
                  .message,
              "no error");
}

TEST(Project, TagsAddUpFromAllPlaces) {
    folder f;
    f.with("barometre.yml", head + "models: {tags: [all, daily]}\nseeds:\n  - {name: s, tags: raw}\n");
    f.with("models/a.sql", "{{ config(tags=['sql', 'daily']) }}select 1")
        .with("models/b.sql", "{{ config(tags='one') }}select 1");
    f.with("models/a.yml", "models:\n  - name: a\n    tags: yaml\n    config: {tags: [config, all]}\n");
    f.with("seeds/s.csv", "x\n1\n").with("seeds/s.yml", "seeds:\n  - {name: s, config: {tags: [raw, small]}}\n");
    using list = std::vector<std::string>;
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->tags, (list{"all", "daily", "yaml", "config", "sql"}));
    EXPECT_EQ(p.find_model("b")->tags, (list{"all", "daily", "one"}));
    EXPECT_EQ(p.find_seed("s")->tags, (list{"raw", "small"}));
    f.with("models/a.yml", "models:\n  - {name: a, tags: ['']}\n");
    EXPECT_EQ(f.failure().message, "models/a.yml:2: a tag of model \"a\" is empty");
    f.with("models/a.yml", "models:\n  - {name: a, tags: {x: 1}}\n");
    EXPECT_EQ(f.failure().message, "models/a.yml:2: key \"tags\" must be a text or a list of texts");
    f.with("models/a.yml", "").with("models/b.sql", "{{ config(tags=['']) }}select 1");
    EXPECT_EQ(f.failure().message, "models/b.sql:1: a tag of config() is empty");
}
TEST(Project, VolatileIsReadFromYamlAndConfig) {
    folder f;
    f.with("barometre.yml", head)
        .with("models/m.yml",
              "models:\n  - {name: a, volatile: true}\n  - {name: b, volatile: true, config: {volatile: false}}\n"
              "  - {name: c, config: {volatile: true}}\n");
    f.with("models/a.sql", "select 1")
        .with("models/b.sql", "select 1")
        .with("models/c.sql", "{{ config(volatile=false) }}select 1");
    f.with("models/d.sql", "select 1").with("models/e.sql", "{{ config(volatile=True) }}select 1");
    auto p = f.read();
    EXPECT_EQ(p.find_model("a")->is_volatile, true);
    EXPECT_EQ(p.find_model("b")->is_volatile, false);
    EXPECT_EQ(p.find_model("c")->is_volatile, false);
    EXPECT_EQ(p.find_model("d")->is_volatile, std::nullopt);
    EXPECT_EQ(p.find_model("e")->is_volatile, true);
    f.with("models/d.sql", "{{ config(volatile='often') }}select 1");
    EXPECT_EQ(f.failure().message, "models/d.sql:1: key \"volatile\" must be true or false");
    f.with("models/m.yml", "models:\n  - {name: a, volatile: 1}\n");
    EXPECT_EQ(f.failure().message, "models/m.yml:2: key \"volatile\" must be true or false");
}
TEST(Project, UnknownConfigKeysAreNotedWithTheValidOnes) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "{{ config(quite_other='x') }}select 1");
    const std::string valid =
        "Valid keys are alias, colocate_with, contract, distributed_by, enabled, full_refresh, grants, ";
    EXPECT_EQ(f.failure().message, "no error");
    EXPECT_TRUE(f.note("quite_other").starts_with("ignored models/a.sql:1 " + valid)) << f.note("quite_other");
    f.with("models/a.sql", "{{ config(materialised='view') }}select 1");
    EXPECT_EQ(f.note("materialised"), "ignored models/a.sql:1 Did you mean \"materialized\"?");
    f.with("models/a.sql", "{{ config(schema=['x', 'y']) }}select 1");
    EXPECT_EQ(f.failure().message, "models/a.sql:1: key \"schema\" must be a text");
    f.with("models/a.sql", "{{ config(schema=[]) }}select 1");
    EXPECT_EQ(f.failure().message, "models/a.sql:1: key \"schema\" must be a text");
    f.with("models/a.sql", "select 1").with("models/a.yml", "models:\n  - {name: a, config: {quite_other: x}}\n");
    EXPECT_TRUE(f.note("quite_other").starts_with("ignored models/a.yml:2 " + valid));
    f.with("models/a.yml", "").with("tests/t.sql", "{{ config(severity=['warn', 'error']) }}select 1");
    EXPECT_EQ(f.failure().message, "tests/t.sql:1: key \"severity\" must be a text");
}
TEST(Project, WhatTheParserFoundBecomesEdges) {
    folder f;
    f.with("barometre.yml", tap)
        .with("seeds/s.csv", "x\n1\n")
        .with("tests/check.sql", "select 1")
        .with("tests/other.sql", "select 1");
    f.with("models/a.sql", "select 1").with("models/b.sql", "select * from {{ ref('a') }}");
    auto p = f.read();
    p.models.begin()->reads = {"s", "t.s", "pg_class", "check"};
    p.tests.at(0).reads = {"b", "nothing", "other"};
    const graph::dag g = project::dependencies_with_tests(p);
    EXPECT_EQ(g.parents("a"), (std::set<std::string>{"s", "t.s"}));
    EXPECT_EQ(g.parents("b"), std::set<std::string>{"a"});
    EXPECT_EQ(g.parents("check"), std::set<std::string>{"b"});
    EXPECT_EQ(g.nodes(), (std::set<std::string>{"a", "b", "check", "other", "s", "t.s"}));
    p.models.begin()->reads = {"b"}; // a model that comes later
    EXPECT_EQ(project::dependencies(p).parents("a"), std::set<std::string>{"b"});
    p.models.begin()->reads = {"a"};
    try {
        project::dependencies(p).order();
        FAIL();
    } catch (const error &e) {
        EXPECT_TRUE(e.message.ends_with(": a -> a")) << e.message;
    }
}
TEST(Project, TraitsSayWhereAndWhatANodeIs) {
    folder f;
    f.with("barometre.yml", tap + "paths: {models: [sql/models]}\nseeds:\n  - name: absent\n");
    f.with("seeds/deep/s.csv", "x\n1\n").with("tests/check.sql", "select 1");
    f.with("sql/models/a.sql", "{{ config(materialized='view', schema='other', tags='x') }}select 1")
        .with("sql/models/one/two/b.sql", "select 1");
    const graph::traits known = project::traits_of(f.read());
    EXPECT_EQ(known.size(), 6u);
    EXPECT_EQ(known.at("t.s").kind, "stream");
    EXPECT_EQ(known.at("t.s").path, "barometre.yml");
    EXPECT_EQ(known.at("t.s").schema, "t");
    EXPECT_EQ(known.at("s").kind, "seed");
    EXPECT_EQ(known.at("s").path, "seeds/deep/s.csv");
    EXPECT_EQ(known.at("absent").path, "");
    EXPECT_EQ(known.at("check").kind, "test");
    EXPECT_EQ(known.at("check").path, "tests/check.sql");
    EXPECT_EQ(known.at("a").kind, "model");
    EXPECT_EQ(known.at("a").path, "sql/models/a.sql");
    EXPECT_EQ(known.at("a").materialized, "view");
    EXPECT_EQ(known.at("a").schema, "other");
    EXPECT_EQ(known.at("a").tags, std::vector<std::string>{"x"});
    EXPECT_EQ(known.at("a").folder, "");
    EXPECT_EQ(known.at("b").folder, "one/two");
    EXPECT_EQ(known.at("b").materialized, "table");
}
TEST(Project, DefaultProjectCanBeSelectedByFolder) {
    auto p = read_here();
    const graph::dag nodes = project::dependencies_with_tests(p);
    const auto by_folder = graph::select_nodes(nodes, project::traits_of(p), "ppel");
    EXPECT_TRUE(by_folder.count("ppel_daily"));
    EXPECT_EQ(by_folder, graph::select_nodes(nodes, project::traits_of(p), "path:models/ppel"));
}
TEST(Project, VarsAndMacrosReachTemplates) {
    folder f;
    f.with("barometre.yml", tap + "paths: {macros: [lib]}\nvars:\n  day: 2020-01-31\n  code: 01\n  n: 3\n  x: 0.5\n  "
                                  "quoted: '3'\n  list: [a, {k: true}]\n  empty:\n")
        .with("lib/one.sql", "{% macro from_tap(stream) %}{{ source('t', stream) }}{% endmacro %}")
        .with("models/m.sql", "{{ config(materialized=var('how', 'view'), tags=[var('day')]) }}\nselect * from {{ "
                              "from_tap('s') }}\n{% if is_incremental() %}join {{ ref('other') }}{% endif %}")
        .with("models/other.sql", "select '{{ this.schema }}'");
    auto p = f.read();
    EXPECT_EQ(p.find_model("m")->tags, std::vector<std::string>{"2020-01-31"});
    EXPECT_EQ(p.find_model("m")->materialized, project::materialization::view);
    EXPECT_EQ(project::dependencies(p).parents("m"), (std::set<std::string>{"other", "t.s"}));
    auto calls = template_context(p, p.find_model("m"));
    EXPECT_EQ(jinja::render("{{ [var('code'), var('n'), var('x'), var('quoted'), var('list'), var('empty')] }} {{ this "
                            "}} {{ target.schema }}",
                            "m", calls),
              "['01', 3, 0.5, '3', ['a', {'k': True}], None] \"analytics\".\"m\" analytics");
    f.with("models/m.sql", "select\n{{ frm_tap('s') }}");
    EXPECT_EQ(f.failure().message, "models/m.sql:2:4: \"frm_tap\" is not known here");
    EXPECT_EQ(f.failure().hint, "Did you mean \"from_tap\"?");
    f.with("models/m.sql", "select {{ var('dey') }}");
    EXPECT_EQ(f.failure().hint, "Did you mean \"day\"?");
    f.with("models/m.sql", "select 1").with("lib/two.sql", "\n{% macro from_tap() %}{% endmacro %}");
    EXPECT_EQ(f.failure().message, "lib/two.sql:2:4: the macro \"from_tap\" is there twice");
    f.with("lib/two.sql", "{% macro t(x) %}{{ source('t', x) }}{% endmacro %}")
        .with("models/m.sql", "select\n* from {{ t('nothing') }}");
    EXPECT_EQ(f.failure().message,
              "model \"m\" (models/m.sql, line 2) refers to \"t.nothing\", which is neither a stream of "
              "a tap nor declared under \"sources:\"");
}
