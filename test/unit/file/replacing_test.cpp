#include "core/file/root.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <sys/stat.h>

using namespace barometre;
namespace fs = std::filesystem;

namespace {

class Replacing : public testing::Test {
protected:
    Replacing() {
        char name[] = "/tmp/barometre-test.XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Replacing() override { fs::remove_all(path); }

    file::folder folder() const { return {file::root::open(path.string()), ""}; }
    std::string content(const std::string &name = "page.html") const {
        std::ostringstream out;
        out << std::ifstream(path / name).rdbuf();
        return out.str();
    }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }
    fs::path path;
};

} // namespace

TEST_F(Replacing, AFileIsWrittenForAllToRead) {
    folder().replace("page.html", "one");
    EXPECT_EQ(content(), "one");
    struct stat s {};
    ASSERT_EQ(::stat((path / "page.html").c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777, 0644U);
    folder().replace("page.html", "another");
    EXPECT_EQ(content(), "another");
    EXPECT_EQ(files(), 1U);
}

TEST_F(Replacing, WhoHasTheOldOneOpenReadsItToItsEnd) {
    folder().replace("page.html", "old");
    std::ifstream opened(path / "page.html");
    folder().replace("page.html", "new");
    std::string text;
    opened >> text;
    EXPECT_EQ(text, "old");
}

TEST_F(Replacing, ALinkIsReplacedAndNotFollowed) {
    std::ofstream(path / "elsewhere") << "mine";
    fs::create_symlink("elsewhere", path / "page.html");
    fs::create_symlink("elsewhere", path / ".page.html.new");
    EXPECT_THROW(folder().replace("page.html", "new"), file::failure);
    fs::remove(path / ".page.html.new");
    folder().replace("page.html", "new");
    EXPECT_EQ(content("elsewhere"), "mine");
    EXPECT_EQ(content(), "new");
    EXPECT_FALSE(fs::is_symlink(path / "page.html"));
}

TEST_F(Replacing, AFileThatHasAnotherNameTooIsNotWrittenInto) {
    std::ofstream(path / "elsewhere") << "mine";
    fs::create_hard_link(path / "elsewhere", path / ".page.html.new");
    folder().replace("page.html", "new");
    EXPECT_EQ(content("elsewhere"), "mine");
    EXPECT_EQ(content(), "new");
    EXPECT_EQ(files(), 2U);
}

TEST_F(Replacing, WhatACrashLeftIsWrittenAnew) {
    std::ofstream(path / ".page.html.new") << "a long text of which the crash left some";
    folder().replace("page.html", "new");
    EXPECT_EQ(content(), "new");
    EXPECT_EQ(files(), 1U);
}

TEST_F(Replacing, WhatCannotBeReplacedStaysAndNothingIsLeftBesideIt) {
    fs::create_directory(path / "page.html");
    std::ofstream(path / "page.html" / "a") << "mine";
    EXPECT_THROW(folder().replace("page.html", "new"), file::failure);
    EXPECT_EQ(content("page.html/a"), "mine");
    EXPECT_EQ(files(), 1U);
}

TEST_F(Replacing, ManyWritersLeaveAWholeOne) {
    constexpr int writers = 4, times = 25;
    std::atomic<bool> done = false, torn = false;
    folder().replace("page.html", std::string(100'000, 'a'));
    std::thread reader([&] {
        while (!done)
            if (const std::string text = content();
                text.find_first_not_of(text.at(0)) != std::string::npos || text.size() != 100'000)
                torn = true;
    });
    std::vector<std::thread> threads;
    for (int n = 0; n < writers; ++n)
        threads.emplace_back([&, n] {
            for (int i = 0; i < times; ++i)
                folder().replace("page.html", std::string(100'000, static_cast<char>('a' + n)));
        });
    for (std::thread &t : threads)
        t.join();
    done = true;
    reader.join();
    EXPECT_FALSE(torn);
    EXPECT_EQ(files(), 1U);
}
