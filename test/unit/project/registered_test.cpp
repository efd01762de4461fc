#include "core/project/export.h"
#include "core/project/registered.h"
#include "project_folder.h"

#include <gtest/gtest.h>

namespace barometre {
namespace {

using project::registration;

const char *const base = "version: 1\nname: p\n";

registration stream(const std::string &name, const std::string &options) { return {"stream", name, "", options}; }
registration model(const std::string &name, const std::string &query, const std::string &options = "{}") {
    return {"model", name, query, options};
}
registration test(const std::string &name, const std::string &query, const std::string &options = "{}") {
    return {"test", name, query, options};
}

const registration things =
    stream("tap_x.things", R"({"path": "in", "pattern": ".*\\.csv", "key_properties": ["id"]})");

TEST(registered, is_text_of_the_database) {
    folder f;
    f.with("barometre.yml", base);
    auto failure = [&](const registration &r) { return f.failure({r}).message; };
    EXPECT_EQ(failure(model("m", "select 1,\n'caf\xe9'")), "model \"m\" (registered):2:5: byte 0xe9 is not UTF-8");
    EXPECT_EQ(failure(model("m", "select 1", "{\"description\": \"\xe9\"}")),
              "options of model \"m\" (registered):1:18: byte 0xe9 is not UTF-8");
    EXPECT_EQ(failure(test("t", std::string("select \0 1", 10))), "test \"t\" (registered):1:8: there is a NUL byte");
    EXPECT_EQ(failure(stream("tap_x.s", "{\"path\": \"\\u0000\"}")),
              "stream \"tap_x.s\" (registered):1:10: there is a NUL byte in the path");
    EXPECT_NE(failure(stream("tap_x.\xe9", "{}")).find("is not UTF-8"), std::string::npos);
}

TEST(registered, is_part_of_the_project) {
    folder f;
    f.with("barometre.yml", std::string(base) + "stream_defaults: {delimiter: ';'}\nmodels: {materialized: view}\n");
    const auto p = f.read({things,
                           model("m", "select 1 from {{ source('tap_x', 'things') }}",
                                 R"({"columns": [{"name": "a", "tests": ["unique"]}], "tags": "t"})"),
                           test("t", "select * from {{ ref('m') }} where a < 0", R"({"severity": "warn"})")});
    const project::stream *s = p.find_stream("tap_x", "things");
    ASSERT_TRUE(s);
    EXPECT_EQ(s->pattern, ".*\\.csv");
    EXPECT_EQ(s->csv.delimiter, ";");
    EXPECT_EQ(s->at.text(), "stream \"tap_x.things\" (registered)");
    const project::model *m = p.find_model("m");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->materialized, project::materialization::view);
    ASSERT_EQ(m->columns.size(), 1u);
    EXPECT_EQ(m->columns[0].tests.at(0).test, "unique");
    EXPECT_EQ(m->columns[0].tests.at(0).at.text(), "model \"m\" (registered)");
    ASSERT_EQ(p.tests.size(), 1u);
    EXPECT_EQ(p.tests[0].config.severity, project::severity::warn);
}

TEST(registered, a_list_of_one_may_be_a_text) {
    folder f;
    f.with("barometre.yml",
           std::string(base) +
               "roles: {loader: l, readers: r}\ntaps: [{name: t, streams: [{name: s, path: in, pattern: x, "
               "key_properties: id, encoding: latin1, field_names: id}]}]\n");
    const auto p = f.read(
        {stream("tap_x.things", R"({"path": "in", "pattern": "x", "key_properties": "id", "encoding": ["latin1"]})"),
         model("m", "select 1 as a",
               R"({"materialized": "incremental", "unique_key": "a", "indexes": [{"columns": "a"}],
                                 "grants": {"select": "r"}, "pre_hook": "select 1", "tags": "t"})")});
    for (const auto &[tap, name] : {std::pair("t", "s"), std::pair("tap_x", "things")}) {
        EXPECT_EQ(p.find_stream(tap, name)->key_properties, std::vector<std::string>{"id"});
        EXPECT_EQ(p.find_stream(tap, name)->encodings, std::vector<std::string>{"latin1"});
    }
    EXPECT_EQ(p.roles.readers, std::vector<std::string>{"r"});
    EXPECT_EQ(p.find_model("m")->incremental.unique_key, std::vector<std::string>{"a"});
    EXPECT_EQ(p.find_model("m")->indexes.at(0).columns, std::vector<std::string>{"a"});
    EXPECT_EQ(p.find_model("m")->grants.at("select"), std::vector<std::string>{"r"});
    EXPECT_EQ(p.find_model("m")->pre_hooks.size(), 1u);
}

TEST(registered, options_count_more_than_properties_in_files) {
    folder f;
    f.with("barometre.yml", base).with("models/m.yml", "models: [{name: m, description: far, materialized: view}]");
    const auto p = f.read({model("m", "select 1", R"({"description": "near"})")});
    EXPECT_EQ(p.find_model("m")->description, "near");
    EXPECT_EQ(p.find_model("m")->materialized, project::materialization::view);
}

TEST(registered, a_text_is_a_text_and_a_number_a_number) {
    folder f;
    f.with("barometre.yml", base);
    const auto p = f.read({model(
        "m", "select 1",
        R"({"meta": {"a": "01", "b": 1, "c": "1", "d": "true", "e": true, "f": null, "g": "null", "h": "x\n\"y\" é"}})")});
    EXPECT_EQ(p.find_model("m")->meta_text(),
              R"({"a": "01", "b": 1, "c": "1", "d": "true", "e": true, "f": null, "g": "null", "h": "x\n\"y\" é"})");
}

TEST(registered, changes_the_hash) {
    folder f;
    f.with("barometre.yml", base);
    const auto hash = [&](const std::vector<registration> &r) { return f.read(r).hash; };
    EXPECT_EQ(hash({}), f.read().hash);
    EXPECT_NE(hash({model("m", "select 1")}), hash({}));
    EXPECT_NE(hash({model("m", "select 1")}), hash({model("m", "select 2")}));
    EXPECT_NE(hash({model("m", "select 1")}), hash({model("m", "select 1", R"({"tags": "x"})")}));
    EXPECT_NE(hash({things}), hash({}));
    EXPECT_NE(hash({test("t", "select 1")}), hash({test("t", "select 2")}));
}

struct refused {
    std::vector<registration> registered;
    std::string message;
};

TEST(registered, has_the_messages_of_files) {
    folder f;
    f.with("barometre.yml",
           std::string(base) +
               "taps: [{name: tap, streams: [{name: s, path: in, pattern: x}]}]\nseeds: [{name: seed}]\n")
        .with("models/file.sql", "select 1")
        .with("tests/check.sql", "select 1 where false");
    const std::vector<refused> all{
        {{stream("tap_x.s", R"({"path": "in"})")},
         "stream \"tap_x.s\" (registered): stream \"s\" lacks the key \"pattern\""},
        {{stream("tap_x.s", R"({"path": "in", "patern": "x"})")},
         "stream \"tap_x.s\" (registered): unknown key \"patern\" in stream \"s\""},
        {{stream("tap_x.s", R"j({"path": "in", "pattern": "x", "map": {"a": "f(b)"}})j")},
         "stream \"tap_x.s\" (registered): \"f(b)\" is not known in a map"},
        {{stream("tap-x.s", R"({"path": "in", "pattern": "x"})")},
         "stream \"tap-x.s\" (registered): tap name \"tap-x\" must consist of lower-case letters, digits and \"_\""},
        {{stream("tap_x.s.t", R"({"path": "in", "pattern": "x"})")},
         "stream \"tap_x.s.t\" (registered): stream name \"s.t\" must consist of lower-case letters, digits and \"_\""},
        {{stream("tap.s", R"({"path": "in", "pattern": "x"})")},
         "stream \"tap.s\" (registered): the name \"tap.s\" is taken"},
        {{stream("tap.t", R"({"name": "t", "path": "in", "pattern": "x"})")},
         "stream \"tap.t\" (registered): key \"name\" can't be among the options"},
        {{stream("tap.t", R"(["path"])")}, "stream \"tap.t\" (registered): the options must be a JSON object"},
        {{model("file", "select 1")}, "model \"file\" (registered): the name \"file\" is taken"},
        {{model("seed", "select 1")}, "model \"seed\" (registered): the name \"seed\" is taken"},
        {{model("check", "select 1")}, "tests/check.sql: the name \"check\" is taken"},
        {{test("file", "select 1")}, "test \"file\" (registered): the name \"file\" is taken"},
        {{test("check", "select 1")}, "test \"check\" (registered): the name \"check\" is taken"},
        {{model("M", "select 1")},
         "model \"M\" (registered): model name \"M\" must consist of lower-case letters, digits and \"_\""},
        {{model("m", "select 1", R"({"materialised": "view"})")},
         "model \"m\" (registered): unknown key \"materialised\" in model \"m\""},
        {{model("m", "select 1", R"({"columns": [{"name": "a", "tests": ["uniqe"]}]})")},
         "model \"m\" (registered): unknown test \"uniqe\" in column \"a\""},
        {{model("m", "\nselect 1 from {{ ref('nope') }}")},
         "model \"m\" (registered, line 2) refers to \"nope\", which is neither a model nor a seed"},
        {{model("m", "select {{ nope() }}")}, "model \"m\" (registered):1:11: \"nope\" is not known here"},
        {{model("m", "select 1 from {{ ref('m') }}")}, "the models depend on each other in a circle: m -> m"},
        {{test("t", "select 1", R"({"severity": "loud"})")},
         "test \"t\" (registered): key \"severity\" can't be \"loud\""},
        {{test("t", "select 1", R"({"tag": "x"})")}, "test \"t\" (registered): unknown key \"tag\" in test \"t\""},
    };
    for (const refused &r : all)
        EXPECT_EQ(f.failure(r.registered).message, r.message);
}

TEST(registered, says_who_has_a_name_and_how_to_forget_it) {
    folder f;
    f.with("barometre.yml", base).with("models/a/m.sql", "select 1").with("tests/n.sql", "select 1 where false");
    EXPECT_EQ(f.failure({model("m", "select 1")}).detail, "It is that of models/a/m.sql.");
    EXPECT_NE(f.failure({model("m", "select 1")}).hint.find("SELECT * FROM baro_unregister('model', 'm');"),
              std::string::npos);
    EXPECT_EQ(f.failure({model("n", "select 1")}).detail, "It is that of model \"n\" (registered).");
    EXPECT_NE(f.failure({model("n", "select 1")}).hint.find("SELECT * FROM baro_unregister('model', 'n');"),
              std::string::npos);
}

/// Exports, lays the files over the project, and reads it without what was registered.
project::project moved(folder &f, const std::vector<registration> &registered) {
    for (const auto &file : project::export_registered(f.read(registered), registered))
        f.with(file.path, file.text);
    return f.read();
}

TEST(registered, is_exported_as_files_that_say_the_same) {
    folder f;
    f.with("barometre.yml", std::string("# about\n") + base +
                                "paths: {tests: [checks]}\ntaps:\n  - name: tap # mine\n    streams:\n      - {name: "
                                "s, path: in, pattern: 'x'}\n"
                                "\n# the roles\nroles: {loader: me} # his\n");
    const std::vector<registration> registered{
        things,
        stream("tap.t",
               R"({"path": "007", "pattern": "true", "columns": [{"name": "a", "description": "one\ntwo: 'x' # é"}]})"),
        model(
            "m", "select 1\n-- end",
            R"({"meta": {"a": "01", "b": 1}, "description": "no", "columns": [{"name": "x", "tests": [{"accepted_values": {"values": [1.10, "2"]}}]}]})"),
        model("plain", "select 1"),
        test(
            "t", "select 1",
            R"j({"severity": "warn", "limit": 3, "tags": ["a", "it's"], "meta": {"k": [1, "x"]}, "fail_calc": "count(*) filter (where x = 'a\\b')"})j"),
        test("u", "{{ config(severity='error') }} select 1", R"({"severity": "warn"})")};
    const auto before = f.read(registered);
    const auto after = moved(f, registered);
    EXPECT_EQ(after.find_stream("tap_x", "things")->pattern, ".*\\.csv");
    EXPECT_EQ(after.find_stream("tap_x", "things")->key_properties, std::vector<std::string>{"id"});
    EXPECT_EQ(after.find_stream("tap", "t")->path, "007");
    EXPECT_EQ(after.find_stream("tap", "t")->pattern, "true");
    EXPECT_EQ(after.find_stream("tap", "t")->columns.at(0).description, "one\ntwo: 'x' # é");
    EXPECT_TRUE(after.find_stream("tap", "s"));
    EXPECT_EQ(after.find_model("m")->file, "models/m.sql");
    EXPECT_EQ(after.find_model("m")->source, before.find_model("m")->source);
    EXPECT_EQ(after.find_model("m")->meta_text(), before.find_model("m")->meta_text());
    EXPECT_EQ(after.find_model("m")->description, "no");
    EXPECT_EQ(after.find_model("m")->columns.at(0).tests.at(0).arguments.at("values").items().at(1).text(), "2");
    EXPECT_TRUE(after.find_model("plain"));
    ASSERT_EQ(after.tests.size(), 2u);
    EXPECT_EQ(after.tests[0].config.severity, project::severity::warn);
    EXPECT_EQ(after.tests[0].config.limit, 3);
    EXPECT_EQ(after.tests[0].config.tags, (std::vector<std::string>{"a", "it's"}));
    EXPECT_EQ(project::meta_text(after.tests[0].config.meta), R"({"k": [1, "x"]})");
    EXPECT_EQ(after.tests[0].config.fail_calc, "count(*) filter (where x = 'a\\b')");
    EXPECT_EQ(after.tests[1].config.severity, project::severity::error);
    EXPECT_EQ(after.tests[0].file, "checks/t.sql");
}

TEST(registered, is_exported_so_that_a_tool_may_end_its_files_in_a_newline) {
    folder f;
    f.with("barometre.yml", base);
    const std::vector<registration> registered{model("m", "select 1\n"), model("n", "select 1"),
                                               test("t", "select 1\n", R"({"limit": 3})")};
    const auto files = project::export_registered(f.read(registered), registered);
    for (const auto &file : files)
        f.with(file.path, file.text + "\n");
    EXPECT_EQ(f.read().find_model("m")->source, "select 1\n");
    EXPECT_EQ(f.read().find_model("n")->source, "select 1\n");
    EXPECT_EQ(f.read().tests.at(0).source, "{{ config(limit=3) }}\nselect 1\n");
}

std::string exported_file(const std::string &text, const std::vector<registration> &registered) {
    folder f;
    f.with("barometre.yml", text);
    return project::export_registered(f.read(registered), registered).at(0).text;
}

TEST(registered, export_keeps_the_rest_of_the_project_file) {
    const std::string text =
        std::string("# about\n") + base + "taps:\n  - name: tap\n\n# the roles\nroles: {loader: me} # his\n";
    EXPECT_EQ(exported_file(text, {}), text);
    EXPECT_EQ(exported_file(text, {model("m", "select 1")}), text);
    const std::string with = exported_file(text, {things});
    EXPECT_EQ(with.find("# about\nversion: 1\nname: p\ntaps:\n  - name: tap\n  - name: \"tap_x\"\n    streams:\n      "
                        "- name: \"things\"\n"),
              0u)
        << with;
    EXPECT_NE(with.find("\n\n# the roles\nroles: {loader: me} # his\n"), std::string::npos) << with;
    const std::string added = exported_file(std::string(base) + "# the end", {things});
    EXPECT_EQ(added.find(std::string(base) + "# the end\ntaps:\n"), 0u) << added;
}

TEST(registered, export_writes_a_project_file_anew_that_has_no_sections) {
    const std::string with =
        exported_file("{version: 1, name: p, taps: [{name: tap_x, description: \"7\"}]}", {things});
    folder f;
    const auto p = f.with("barometre.yml", with).read();
    EXPECT_TRUE(p.find_stream("tap_x", "things")) << with;
    EXPECT_EQ(p.find_tap("tap_x")->description, "7");
    const std::string shared = exported_file("version: 1\nname: p\ntaps:\n  - name: tap_x\n    description: &d "
                                             "hello\nseeds:\n  - name: s\n    description: *d\n",
                                             {things});
    folder g;
    EXPECT_EQ(g.with("barometre.yml", shared).read().find_seed("s")->description, "hello") << shared;
}

TEST(registered, export_does_not_write_over_properties_of_others) {
    folder f;
    f.with("barometre.yml", base).with("models/m.yml", "models: [{name: other}]").with("models/other.sql", "select 1");
    const std::vector<registration> registered{model("m", "select 1", R"({"description": "d"})")};
    const auto p = moved(f, registered);
    EXPECT_EQ(p.find_model("m")->description, "d");
    EXPECT_TRUE(p.find_model("other"));
}

TEST(registered, is_placed_in_messages_as_what_it_is) {
    EXPECT_EQ(project::described("model \"m\"", "models/m.sql", 3), "model \"m\" (models/m.sql, line 3)");
    EXPECT_EQ(project::described("model \"m\"", "models/m.sql", 0), "model \"m\" (models/m.sql)");
    EXPECT_EQ(project::described("pre_hook of model \"m\"", "model \"m\" (registered)", 3),
              "pre_hook of model \"m\" (registered, line 3)");
}

} // namespace
} // namespace barometre
