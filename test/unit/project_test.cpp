#include "core/error.h"
#include "core/project/project.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace barometre;
namespace fs = std::filesystem;

namespace {

/// A project folder that goes away with the test.
class folder {
public:
    folder() {
        char name[] = "/tmp/barometre-test.XXXXXX";
        path_ = ::mkdtemp(name);
    }
    ~folder() { fs::remove_all(path_); }
    folder &with(const std::string &file, const std::string &text) {
        fs::create_directories((path_ / file).parent_path());
        std::ofstream(path_ / file) << text;
        return *this;
    }
    project::project read() const { return project::read_project(path_.string()); }
    error failure() const {
        try {
            read();
        } catch (const error &e) {
            return e;
        }
        return error("00000", "no error");
    }

private:
    fs::path path_;
};

const std::string head = "version: 1\nname: p\n";
const std::string tap = head + "taps:\n  - name: t\n    streams:\n      - name: s\n        path: .\n        pattern: .*\n";

} // namespace

TEST(Project, DefaultProjectIsReadWhole) {
    auto p = project::read_project(".");
    EXPECT_EQ(p.taps.size(), 3u);
    EXPECT_EQ(p.models.size(), 16u);
    EXPECT_EQ(p.seeds.size(), 8u);
    const auto *s = p.find_stream("tap_csv_easiware", "easiware_requests");
    ASSERT_TRUE(s);
    EXPECT_EQ(s->dialect.delimiter, ";");
    EXPECT_TRUE(s->dialect.blank_is_null);
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
    EXPECT_NE(folder().with("barometre.yml", tap + "        interval: 1\n").failure().message.find("unknown key"), std::string::npos);
    EXPECT_NE(folder().with("barometre.yml", head + "jobs: []\n").failure().message.find("unknown key"), std::string::npos);
}
TEST(Project, WrongTypesAndMissingKeysAreNamed) {
    EXPECT_EQ(folder().with("barometre.yml", "version: one\nname: p\n").failure().message, "barometre.yml:1: key \"version\" must be an integer");
    EXPECT_EQ(folder().with("barometre.yml", "version: 1\n").failure().message, "barometre.yml:1: the file lacks the key \"name\"");
    EXPECT_EQ(folder().with("barometre.yml", head + "taps:\n  - name: t\n    streams:\n      - name: s\n        path: .\n").failure().message,
              "barometre.yml:6: stream \"s\" lacks the key \"pattern\"");
    EXPECT_EQ(folder().with("barometre.yml", tap + "        delimiter: ''\n").failure().message,
              "barometre.yml:9: key \"delimiter\" must be one or a few characters");
    EXPECT_EQ(folder().with("barometre.yml", tap + "        start_date: soon\n").failure().detail, "It is \"soon\".");
}
TEST(Project, NotYamlIsAnErrorWithItsLine) {
    EXPECT_EQ(folder().with("barometre.yml", head + "taps: [\n").failure().message.substr(0, 14), "barometre.yml:");
    EXPECT_NE(folder().with("barometre.yml", head + std::string(2000, '[')).failure().message.find("nested too deep"), std::string::npos);
}
TEST(Project, SameKeyOrNameTwiceIsAnError) {
    EXPECT_EQ(folder().with("barometre.yml", head + "name: q\n").failure().message, "barometre.yml:3: key \"name\" is given twice");
    EXPECT_NE(folder().with("barometre.yml", head).with("models/a.sql", "select 1").with("seeds/a.csv", "x\n1\n").failure().message.find("twice"),
              std::string::npos);
}
TEST(Project, DashInANameGetsTheRightOneAsHint) {
    auto e = folder().with("barometre.yml", head + "taps:\n  - name: tap-csv\n    streams: []\n").failure();
    EXPECT_EQ(e.hint, "Use \"tap_csv\".");
}
TEST(Project, TestsAreReadInDbtsForm) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "select 1 as x");
    f.with("models/a.yml", "version: 2\nmodels:\n  - name: a\n    columns:\n      - name: x\n        tests:\n          - unique\n"
                           "          - accepted_values: {values: [1, 2], severity: warn}\n          - relationships: {to: ref('a'), field: x}\n");
    auto p = f.read();
    const auto &tests = p.models.at(0).columns.at(0).tests;
    ASSERT_EQ(tests.size(), 3u);
    EXPECT_EQ(tests[1].arguments.at("values"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(tests[1].severity, project::severity::warn);
    EXPECT_EQ(tests[2].arguments.at("to").at(0), "a");
    f.with("models/a.yml", "models:\n  - name: a\n    columns:\n      - {name: x, tests: [uniqe]}\n");
    EXPECT_EQ(f.failure().hint, "Did you mean \"unique\"?");
}
TEST(Project, ReferenceToNothingNamesModelFileAndLine) {
    auto e = folder().with("barometre.yml", head).with("models/abc.sql", "select 1").with("models/b.sql", "select *\nfrom {{ ref('abd') }}").failure();
    EXPECT_EQ(e.message, "model \"b\" (models/b.sql, line 2) refers to \"abd\", which is neither a model nor a seed");
    EXPECT_EQ(e.hint, "Did you mean \"abc\"?");
}
TEST(Project, CircleIsAnError) {
    auto e = folder().with("barometre.yml", head).with("models/a.sql", "select * from {{ ref('b') }}").with("models/b.sql", "select * from {{ ref('a') }}").failure();
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
    const std::string root = f.read().directory;
    fs::create_symlink("/etc/hostname", root + "/models/b.sql");
    EXPECT_NE(f.failure().message.find("lies outside the project"), std::string::npos);
}
