#include "core/file/root.h"
#include "core/interrupts.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace barometre::file {

namespace {

/// Another session writes the same file: it takes as long as its disk does.
void wait_for_others(const descriptor &file, const std::string &path) {
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw failed(path, errno);
        check_interrupts();
        ::usleep(20'000);
    }
}

/// A new file in a folder, which is this session's until it is closed. What a server that crashed left of one is
/// written anew.
descriptor open_new(int folder, const std::string &name, const std::string &path) {
    for (;;) {
        descriptor file(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                                 S_IRUSR | S_IWUSR));
        if (file.get() < 0)
            throw failed(path, errno);
        wait_for_others(file, path);
        struct stat opened {
        }, there{};
        if (::fstat(file.get(), &opened) != 0)
            throw failed(path, errno);
        if (!S_ISREG(opened.st_mode))
            throw failure(failure::reason::kind, path, "is no regular file");
        if (::fstatat(folder, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 && there.st_ino == opened.st_ino &&
            there.st_dev == opened.st_dev) {
            if (opened.st_nlink == 1)
                return file;
            if (::unlinkat(folder, name.c_str(), 0) != 0) // it is another file's, too, which is to stay
                throw failed(path, errno);
        } // else whoever had it is done, and has moved it away
    }
}

void write_all(const descriptor &file, std::string_view content, const std::string &path) {
    if (::ftruncate(file.get(), 0) != 0)
        throw failed(path, errno);
    while (!content.empty()) {
        const ssize_t written = ::write(file.get(), content.data(), content.size());
        if (written < 0 && errno != EINTR)
            throw failed(path, errno);
        if (written > 0)
            content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fchmod(file.get(), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) != 0 || ::fsync(file.get()) != 0)
        throw failed(path, errno);
}

} // namespace

void folder::replace(const std::string &name, std::string_view content) const {
    const std::string path = path_of(name), beside = "." + name + ".new";
    const int folder = opened_.get();
    const descriptor file = open_new(folder, beside, path);
    try {
        write_all(file, content, path);
        if (::renameat(folder, beside.c_str(), folder, name.c_str()) != 0)
            throw failed(path, errno);
    } catch (...) {
        ::unlinkat(folder, beside.c_str(), 0);
        throw;
    }
    if (::fsync(folder) != 0)
        throw failed(path, errno);
}

} // namespace barometre::file
