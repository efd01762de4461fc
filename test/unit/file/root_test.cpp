#include "core/file/root.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace barometre;
namespace fs = std::filesystem;
using namespace std::string_literals;
using reason = file::failure::reason;

namespace {

fs::path new_folder() {
    char name[] = "/tmp/barometre-test.XXXXXX";
    return ::mkdtemp(name);
}

/// A folder `in` that is read, and `out` beside it, that must not be.
class Root : public testing::Test {
protected:
    Root() {
        fs::create_directories(in / "a/b");
        fs::create_directories(out / "b");
        std::ofstream(in / "a/b/c") << "inside";
        std::ofstream(out / "c") << "outside";
        std::ofstream(out / "b/c") << "outside";
    }
    ~Root() override { fs::remove_all(top); }
    std::string read(const std::string &path, std::size_t most = 1000) const {
        return file::root::open(in)->read(path, most).value_or("too large");
    }
    file::failure failure(const std::string &path) const {
        try {
            read(path);
        } catch (const file::failure &e) {
            return e;
        }
        return {reason::system, path, "no failure"};
    }

    const fs::path top = new_folder(), in = top / "in", out = top / "out";
};

} // namespace

TEST_F(Root, IsReadBelow) {
    EXPECT_EQ(read("a/b/c"), "inside");
    EXPECT_EQ(read("./a//b/./c"), "inside");
    EXPECT_EQ(read((in / "a/b/c").string()), "inside");
    EXPECT_EQ(file::root::open(in)->look("a//b/").path, "a/b");
    EXPECT_EQ(file::root::open(in)->look("").what, file::kind::folder);
    EXPECT_EQ(file::root::open("/")->read((in / "a/b/c").string(), 10), "inside");
    EXPECT_EQ(failure("a/nothing").why, reason::missing);
    EXPECT_EQ(failure("nothing/c").why, reason::missing);
    EXPECT_EQ(failure("a/b/c/d").clause, "Not a directory");
    EXPECT_EQ(failure(std::string(5000, 'x')).clause, "File name too long");
}
TEST_F(Root, LinksThatStayInsideAreFollowed) {
    fs::create_directory_symlink("a", in / "relative");
    fs::create_directory_symlink(in / "a", in / "absolute");
    fs::create_directory_symlink("../in/a", in / "there_and_back");
    fs::create_symlink("relative/b/c", in / "file");
    for (const char *path : {"relative/b/c", "absolute/b/c", "there_and_back/b/c", "file", "a/../relative/b/c"})
        EXPECT_EQ(read(path), "inside") << path;
    EXPECT_EQ(file::root::open(in)->look("relative/b/c").path, "a/b/c");
}
TEST_F(Root, WhatLeadsOutIsNotRead) {
    fs::create_directory_symlink(out, in / "folder");
    fs::create_symlink("../out/c", in / "file");
    fs::create_directory_symlink("/", in / "slash");
    fs::create_directory_symlink(top / "in_too", in / "begins_alike");
    fs::create_directories(top / "in_too");
    std::ofstream(top / "in_too/c") << "outside";
    for (const std::string path :
         {"folder/c", "file", "../out/c", "a/../../out/c", "slash/etc/hostname", "begins_alike/c", "/etc/hostname"}) {
        EXPECT_EQ(failure(path).why, reason::outside) << path;
        EXPECT_EQ(failure(path).sqlstate, sqlstate::bad_file);
    }
    for (const char *back : {"..", "../out", "a/../.."}) // which the system would take for the whole path
        EXPECT_EQ(failure(std::string(back) + '\0' + "/c").clause, "there is a NUL byte in the path") << back;
    EXPECT_EQ(failure(in.string() + "/..\0/out/c"s).clause, "there is a NUL byte in the path");
    EXPECT_EQ(failure("/etc/hostname\0"s).clause, "there is a NUL byte in the path");
    EXPECT_EQ(failure("file").target, (fs::canonical(out) / "c").string());
}
TEST_F(Root, LinksToNothingAndInCirclesAreTold) {
    fs::create_symlink("nothing", in / "dangling");
    fs::create_symlink("two", in / "one");
    fs::create_symlink("one", in / "two");
    fs::create_symlink("a/b/c", in / "link0");
    for (int i = 1; i <= 50; ++i)
        fs::create_symlink("link" + std::to_string(i - 1), in / ("link" + std::to_string(i)));
    EXPECT_EQ(failure("dangling").clause, "No such file or directory");
    EXPECT_EQ(failure("dangling").why, reason::system); // something has the name
    EXPECT_EQ(failure("one").clause, "Too many levels of symbolic links");
    EXPECT_EQ(failure("one/x").clause, "Too many levels of symbolic links");
    EXPECT_EQ(read("link10"), "inside");
    EXPECT_EQ(failure("link50").clause, "Too many levels of symbolic links");
}
TEST_F(Root, OnlyRegularFilesAreOpened) {
    ASSERT_EQ(::mkfifo((in / "pipe").c_str(), 0600), 0);
    ASSERT_EQ(::mknod((in / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
    fs::create_symlink("pipe", in / "link");
    EXPECT_EQ(failure("pipe").clause, "is a named pipe, not a regular file");
    EXPECT_EQ(failure("link").clause, "is a named pipe, not a regular file");
    EXPECT_EQ(failure("socket").clause, "is a socket, not a regular file");
    EXPECT_EQ(failure("a").clause, "is a folder, not a regular file");
    try {
        file::root::open("/dev")->read("zero", 10);
        FAIL();
    } catch (const file::failure &e) {
        EXPECT_EQ(e.clause, "is a device, not a regular file");
    }
}
TEST_F(Root, NoMoreIsReadThanIsWanted) {
    EXPECT_EQ(read("a/b/c", 6), "inside");
    EXPECT_EQ(read("a/b/c", 5), "too large");
    std::ofstream(in / "empty");
    EXPECT_EQ(read("empty", 0), "");
    std::ofstream(in / "large");
    fs::resize_file(in / "large", std::uintmax_t{10} << 30);
    EXPECT_EQ(read("large"), "too large");
    // The size of these is 0.
    EXPECT_TRUE(file::root::open("/proc")->read("self/../version", 1000));
    EXPECT_EQ(file::root::open("/proc")->read("version", 5), std::nullopt);
}
TEST_F(Root, WhatTakesItsPlaceIsNotSeen) {
    fs::create_directory_symlink(in, top / "current");
    const auto opened = file::root::open(top / "current");
    EXPECT_EQ(opened->path(), fs::canonical(in).string());
    fs::remove(top / "current");
    fs::create_directory_symlink(out, top / "current");
    EXPECT_EQ(opened->read("a/b/c", 100), "inside");
    fs::rename(in, top / "before");
    fs::create_directories(in / "a/b");
    std::ofstream(in / "a/b/c") << "another";
    EXPECT_EQ(opened->read("a/b/c", 100), "inside");
    fs::rename(top / "before", in / "before");
}
TEST_F(Root, OfManyFilesThatWereListedTheLastFolderStaysOpenUnlessItIsAnotherOneByNow) {
    const auto opened = file::root::open(in);
    const auto inode = [&] { return opened->look("a/b/c").content.inode; };
    const auto size = [&](std::int64_t listed) { return state_of(opened->open_file("a/b/c", listed)).size; };
    const std::int64_t first = inode();
    EXPECT_EQ(size(first), 6);
    EXPECT_EQ(size(first), 6);
    fs::rename(in / "a/b", in / "before");
    EXPECT_EQ(size(first), 6); // what was listed
    fs::create_directories(in / "a/b");
    std::ofstream(in / "a/b/c") << "another one";
    EXPECT_EQ(size(inode()), 11);
    EXPECT_EQ(size(first), 11); // whoever wants another inode sees that it is none
    fs::remove_all(in / "a/b");
    fs::create_directory_symlink(out / "b", in / "a/b");
    EXPECT_THROW(size(7), file::failure);
    EXPECT_EQ(failure("a/b/c").why, reason::outside);
}

TEST_F(Root, FoldersAreListed) {
    const auto opened = file::root::open(in);
    std::ofstream(in / "a/d");
    fs::create_symlink("d", in / "a/e");
    std::vector<std::string> names;
    const file::folder a(opened, "./a");
    for (int i = 0; i < 2; ++i)
        a.each_name([&](const std::string &name) { names.push_back(name); });
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"b", "b", "d", "d", "e", "e"}));
    a.each([&](const std::string &name, std::optional<file::kind> what) { // which not each file system says
        EXPECT_TRUE(!what || what == a.at(name).what) << name;
    });
    EXPECT_EQ(a.at("b").what, file::kind::folder);
    EXPECT_EQ(a.at("e").what, file::kind::link);
    EXPECT_EQ(a.inner("b").path(), "a/b");
    EXPECT_THROW(a.inner("e"), file::failure);
    EXPECT_THROW(file::folder(opened, "a/d"), file::failure);
}
TEST_F(Root, AFolderThatIsExchangedWithALinkLeadsNowhere) {
    fs::create_directory_symlink(out, top / "link");
    std::atomic<bool> is_over = false;
    std::thread exchanges([&] {
        while (!is_over)
            ::syscall(SYS_renameat2, AT_FDCWD, (in / "a").c_str(), AT_FDCWD, (top / "link").c_str(), 2); // exchange
    });
    const auto opened = file::root::open(in);
    int read = 0, refused = 0, wrong = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
    while (std::chrono::steady_clock::now() < until)
        try {
            const auto text = opened->read("a/b/c", 100);
            wrong += text != "inside";
            ++read;
            const file::folder listed(opened, "a");
            listed.each_name([&](const std::string &name) { wrong += name == "c"; }); // which only the other has
            const auto named = opened->open_file("a/b/c");
            char first = 0;
            wrong += ::pread(named.get(), &first, 1, 0) != 1 || first != 'i';
        } catch (const file::failure &e) {
            ++refused;
        }
    is_over = true;
    exchanges.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(read, 0);
    EXPECT_GT(refused, 0);
    fs::remove(fs::is_symlink(in / "a") ? in / "a" : top / "link");
}
