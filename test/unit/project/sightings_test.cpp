#include "core/project/git.h"
#include "project_folder.h"

#include <gtest/gtest.h>

namespace barometre {
namespace {

namespace fs = std::filesystem;

/// A project of two models; while it is read, `meanwhile` is called with the number of the reading.
struct changing_project {
    folder files;
    int readings = 0, waited = 0;
    std::function<void(int reading)> meanwhile;

    changing_project() {
        files.with("barometre.yml", head).with("models/a.sql", "select 1").with("models/b.sql", "select 1");
    }
    project::project read() {
        project::surroundings around;
        around.was_read = [&] { meanwhile(++readings); };
        around.wait = [&](int milliseconds) { waited += milliseconds; };
        return files.look({}, around);
    }
    error failure() {
        try {
            read();
        } catch (const error &e) {
            return e;
        }
        return error("00000", "no error");
    }
};

TEST(sightings, of_a_quiet_project_are_enough) {
    changing_project p;
    p.meanwhile = [](int) {};
    p.read();
    EXPECT_EQ(p.readings, 1);
    EXPECT_EQ(p.waited, 0);
}

TEST(sightings, a_file_that_changes_is_read_again_with_all_others) {
    changing_project p;
    p.meanwhile = [&](int reading) {
        if (reading == 1)
            p.files.with("models/a.sql", "select 22").with("models/b.sql", "select 22");
    };
    const project::project read = p.read();
    EXPECT_EQ(p.readings, 2);
    EXPECT_EQ(read.find_model("a")->source, "select 22");
    EXPECT_EQ(read.find_model("b")->source, "select 22");
    EXPECT_GT(p.waited, 0);
}

TEST(sightings, a_file_that_comes_goes_or_is_exchanged_is_seen) {
    changing_project p;
    p.meanwhile = [&](int reading) {
        if (reading == 1)
            p.files.with("models/c.sql", "select 1");
        if (reading == 2)
            fs::remove(p.files.path() + "/models/a.sql");
        if (reading == 3) { // as git does it: another file of the same size, with the times of the old one
            const fs::path old = p.files.path() + "/models/b.sql", fresh = p.files.path() + "/fresh";
            const auto time = fs::last_write_time(old);
            p.files.with("fresh", "select 2");
            fs::last_write_time(fresh, time);
            fs::rename(fresh, old);
        }
        if (reading == 4) { // the whole folder for another one
            const fs::path folder = p.files.path() + "/models", other = p.files.path() + "/other";
            p.files.with("other/b.sql", "select 3").with("other/c.sql", "select 1");
            fs::rename(folder, p.files.path() + "/gone");
            fs::rename(other, folder);
        }
    };
    const project::project read = p.read();
    EXPECT_EQ(p.readings, 5);
    EXPECT_EQ(read.find_model("a"), nullptr);
    EXPECT_EQ(read.find_model("b")->source, "select 3");
    EXPECT_NE(read.find_model("c"), nullptr);
}

TEST(sightings, what_is_wrong_while_files_change_is_no_error) {
    changing_project p;
    p.files.with("barometre.yml", "version: 1\nna");
    p.meanwhile = [&](int reading) {
        if (reading == 1)
            p.files.with("barometre.yml", head);
    };
    EXPECT_EQ(p.read().name, "p");
    p.meanwhile = [](int) {};
    p.files.with("barometre.yml", "version: 1\nna: 1");
    EXPECT_EQ(p.failure().sqlstate, sqlstate::project_invalid);
}

TEST(sightings, what_never_rests_is_an_error) {
    changing_project p;
    p.meanwhile = [&](int reading) { p.files.with("models/a.sql", "select " + std::string(reading, '1')); };
    const error e = p.failure();
    EXPECT_EQ(e.sqlstate, sqlstate::busy);
    EXPECT_EQ(e.message, "the files of the project are changing");
    EXPECT_NE(e.detail.find("/models/a.sql\" changed while"), std::string::npos) << e.detail;
    EXPECT_LE(p.waited, 4000);
}

TEST(sightings, git_at_work_is_waited_for) {
    changing_project p;
    p.files.with(".git/index.lock", "");
    p.meanwhile = [&](int reading) {
        if (reading == 2)
            fs::remove(p.files.path() + "/.git/index.lock");
    };
    p.read();
    EXPECT_EQ(p.readings, 2);
    p.files.with(".git/index.lock", "");
    p.meanwhile = [](int) {};
    EXPECT_NE(p.failure().detail.find("/.git/index.lock\" exists"), std::string::npos);
    const fs::path lock = p.files.path() + "/.git/index.lock";
    fs::last_write_time(lock, fs::last_write_time(lock) - std::chrono::minutes(11));
    p.waited = 0;
    const project::project read = p.read(); // nobody holds it
    EXPECT_EQ(p.waited, 0);
    ASSERT_EQ(read.found->notes.size(), 1u);
    EXPECT_EQ(read.found->notes[0].name, lock.string());
}

TEST(sightings, the_hash_of_the_files_is_theirs_alone) {
    folder f;
    f.with("barometre.yml", head).with("models/a.sql", "select 1");
    const project::project alone = f.look(), with = f.look({{"model", "m", "select 1", "{}"}});
    EXPECT_NE(alone.hash, with.hash);
    EXPECT_EQ(alone.files_hash, with.files_hash);
    f.with("models/a.sql", "select 2");
    EXPECT_NE(f.look().files_hash, alone.files_hash);
    f.with("tests/t.sql", "select 1 where false");
    const std::string before = f.look().files_hash;
    f.with("tests/t.sql", "select 2 where false");
    EXPECT_NE(f.look().files_hash, before);
}

TEST(git, commit_is_read_below_the_folder_alone) {
    const std::string one(40, 'a'), two(40, 'b'), three(64, 'c');
    folder f;
    const auto commit = [&] { return project::git_commit(*file::root::open(f.path())); };
    EXPECT_EQ(commit(), "");
    f.with(".git/HEAD", one + "\n");
    EXPECT_EQ(commit(), one);
    f.with(".git/HEAD", "ref: refs/heads/x/y\n");
    EXPECT_EQ(commit(), "");
    f.with(".git/packed-refs",
           "# pack-refs with: peeled\n" + one + " refs/heads/x\n" + two + " refs/heads/x/y\n^" + one + "\n");
    EXPECT_EQ(commit(), two);
    f.with(".git/refs/heads/x/y", three + "\n");
    EXPECT_EQ(commit(), three);
    f.with(".git/refs/heads/x/y", "secret of 40 characters and not one less");
    EXPECT_EQ(commit(), two);
    folder outside;
    outside.with("HEAD", one);
    f.with(".git/HEAD", "ref: refs/../../" + outside.path() + "/HEAD");
    EXPECT_EQ(commit(), "");
    f.with(".git/HEAD", "ref: " + outside.path() + "/HEAD");
    EXPECT_EQ(commit(), "");
    fs::remove_all(f.path() + "/.git");
    fs::create_symlink(outside.path(), f.path() + "/.git");
    EXPECT_EQ(commit(), "");
    fs::remove(f.path() + "/.git");
    f.with(".git", "gitdir: " + outside.path());
    EXPECT_EQ(commit(), "");
    EXPECT_EQ(project::git_state_of(*file::root::open(f.path())), project::git_state::idle);
}

} // namespace
} // namespace barometre
