#include "core/file/root.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace barometre::file {

namespace {

using reason = failure::reason;

/// To pass through a folder needs no right to list it. O_DIRECTORY: a link in its place is an error.
constexpr int to_pass = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int to_list = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
/// O_NONBLOCK: a pipe that came there just now must not hang the server.
constexpr int to_read = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

failure was_exchanged(const std::string &path) {
    return {reason::exchanged, path, "was replaced while it was being opened"};
}

state to_state(const struct stat &s) {
    auto micros = [](const timespec &t) { return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000; };
    return {s.st_size, static_cast<std::int64_t>(s.st_ino), micros(s.st_mtim), micros(s.st_ctim)};
}

kind kind_of(mode_t mode) {
    return S_ISREG(mode)                    ? kind::regular
           : S_ISDIR(mode)                  ? kind::folder
           : S_ISLNK(mode)                  ? kind::link
           : S_ISFIFO(mode)                 ? kind::pipe
           : S_ISSOCK(mode)                 ? kind::socket
           : S_ISCHR(mode) || S_ISBLK(mode) ? kind::device
                                            : kind::other;
}

/// What a folder says of one that is in it.
std::optional<kind> kind_of(const dirent &listed) {
    switch (listed.d_type) {
    case DT_REG:
        return kind::regular;
    case DT_DIR:
        return kind::folder;
    case DT_LNK:
        return kind::link;
    default:
        return std::nullopt;
    }
}

entry entry_at(int folder, const std::string &name, const std::string &path) {
    struct stat s {};
    if (::fstatat(folder, name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0)
        throw failed(path, errno);
    return {path, kind_of(s.st_mode), to_state(s)};
}

/// Where the last part of a path lies.
struct spot {
    descriptor folder;
    std::string name, path; ///< path: without empty parts
};

/// With one the system would see another path than is looked at here.
void refuse_nul(const std::string &path) {
    if (const std::size_t at = path.find('\0'); at != std::string::npos)
        throw failure(reason::system, path.substr(0, at), "there is a NUL byte in the path");
}

/// The way below an open folder. Nothing: a part of the way is a link, or leads back.
std::optional<spot> walk(int from, const std::string &path) {
    refuse_nul(path);
    spot at{descriptor(::openat(from, ".", to_pass)), ".", ""};
    if (at.folder.get() < 0)
        throw failed(path, errno);
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string part = path.substr(begin, end - begin);
        begin = end + 1;
        if (part.empty() || part == ".")
            continue;
        if (part == "..")
            return std::nullopt;
        if (at.name != ".") {
            descriptor next(::openat(at.folder.get(), at.name.c_str(), to_pass));
            if (next.get() < 0) {
                const int number = errno;
                if (number == ENOTDIR || number == ELOOP) {
                    const kind what = entry_at(at.folder.get(), at.name, path).what;
                    if (what == kind::link)
                        return std::nullopt;
                    if (what == kind::folder) // by now
                        throw was_exchanged(path);
                }
                throw failed(path, number);
            }
            at.folder = std::move(next);
        }
        at.name = part;
        at.path += (at.path.empty() ? "" : "/") + part;
    }
    return at;
}

/// `may_be_missing`: else there is a link, which must not lead nowhere.
std::string real_path(const std::string &path, const std::string &shown, bool may_be_missing) {
    const std::unique_ptr<char, void (*)(void *)> resolved(::realpath(path.c_str(), nullptr), std::free);
    if (resolved)
        return resolved.get();
    const int number = errno;
    if (number == ENOENT && !may_be_missing)
        throw failure(reason::system, shown, std::string(std::strerror(number)));
    throw failed(shown, number);
}

} // namespace

failure failed(const std::string &path, int number) {
    return {number == ENOENT ? reason::missing : reason::system, path, std::strerror(number)};
}

descriptor::~descriptor() {
    if (fd_ >= 0)
        ::close(fd_);
}

state state_of(const descriptor &file) {
    struct stat s {};
    if (::fstat(file.get(), &s) != 0)
        throw error(sqlstate::bad_file, std::string("could not look at an open file: ") + std::strerror(errno));
    return to_state(s);
}

std::optional<std::int64_t> birth_of(const descriptor &file) {
    struct statx s {};
    if (::statx(file.get(), "", AT_EMPTY_PATH, STATX_BTIME, &s) != 0 || !(s.stx_mask & STATX_BTIME))
        return std::nullopt;
    return std::int64_t{s.stx_btime.tv_sec} * 1'000'000 + s.stx_btime.tv_nsec / 1000;
}

std::string noun(kind what) {
    switch (what) {
    case kind::regular:
        return "a file";
    case kind::folder:
        return "a folder";
    case kind::link:
        return "a symbolic link";
    case kind::pipe:
        return "a named pipe";
    case kind::socket:
        return "a socket";
    case kind::device:
        return "a device";
    case kind::other:
        break;
    }
    return "something else";
}

failure not_regular(const std::string &path, kind what) {
    return {failure::reason::kind, path, "is " + noun(what) + ", not a regular file"};
}

std::shared_ptr<const root> root::open(const std::string &path) {
    const std::string real = real_path(path, path, true);
    const auto at = walk(descriptor(::open("/", to_pass)).get(), real.substr(1));
    if (!at)
        throw was_exchanged(path);
    descriptor opened(::openat(at->folder.get(), at->name.c_str(), to_pass));
    if (opened.get() < 0)
        throw failed(path, errno);
    return std::shared_ptr<const root>(new root(real, std::move(opened)));
}

std::string root::full(const std::string &path) const {
    return path.empty() ? path_ : path_.ends_with('/') ? path_ + path : path_ + "/" + path;
}

std::optional<std::string> root::below(const std::string &path) const {
    if (path == path_)
        return "";
    const std::string start = path_ == "/" ? "/" : path_ + "/";
    return path.starts_with(start) ? std::optional(path.substr(start.size())) : std::nullopt;
}

/// Nothing: there is a link on the way.
std::optional<entry> root::look_at(const std::string &path) const {
    const auto at = walk(opened_.get(), path);
    if (!at)
        return std::nullopt;
    entry found = entry_at(at->folder.get(), at->name, path);
    found.path = at->path;
    return found.what == kind::link ? std::nullopt : std::optional(found);
}

entry root::look(const std::string &path) const {
    refuse_nul(path);
    const bool is_absolute = path.starts_with('/');
    if (auto found = look_at(is_absolute ? below(path).value_or("..") : path))
        return *found;
    const std::string real = real_path(is_absolute ? path : full(path), path, is_absolute);
    const auto inside = below(real);
    if (!inside)
        throw failure(reason::outside, path, "leads to \"" + real + "\"", real);
    if (auto found = look_at(*inside))
        return *found;
    throw was_exchanged(path);
}

namespace {

/// Opens a regular file of a folder; `path` is that for messages.
descriptor open_in(const descriptor &folder, const std::string &name, const std::string &path) {
    // Looked at before it is opened too: to open a device may do something.
    if (const kind what = entry_at(folder.get(), name, path).what; what == kind::link)
        throw was_exchanged(path);
    else if (what != kind::regular)
        throw not_regular(path, what);
    descriptor opened(::openat(folder.get(), name.c_str(), to_read));
    if (opened.get() < 0)
        throw errno == ELOOP ? was_exchanged(path) : failed(path, errno);
    struct stat s {};
    if (::fstat(opened.get(), &s) != 0)
        throw failed(path, errno);
    if (!S_ISREG(s.st_mode))
        throw was_exchanged(path);
    return opened;
}

} // namespace

descriptor root::open_file(const std::string &path) const {
    const auto at = walk(opened_.get(), path);
    if (!at)
        throw was_exchanged(path);
    return open_in(at->folder, at->name, path);
}

descriptor root::open_file(const std::string &path, std::int64_t inode) const {
    refuse_nul(path);
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash), name = path.substr(slash + 1);
    const std::lock_guard lock(last_.use);
    if (last_.opened && last_.path == folder) {
        try {
            descriptor opened = open_in(*last_.opened, name, path);
            if (state_of(opened).inode == inode)
                return opened;
        } catch (const failure &) { // what is wrong is told of the path as it is now
        }
    }
    last_.opened.reset();
    auto at = walk(opened_.get(), path);
    if (!at)
        throw was_exchanged(path);
    descriptor opened = open_in(at->folder, at->name, path);
    if (at->name == name) {
        last_.opened = std::move(at->folder);
        last_.path = folder;
    }
    return opened;
}

std::optional<std::string> root::read(const std::string &path, std::size_t most) const {
    return read(path, look(path), most);
}

std::optional<std::string> root::read(const std::string &path, const entry &found, std::size_t most) const {
    if (found.what != kind::regular)
        throw not_regular(path, found.what);
    const descriptor opened = open_file(found.path, found.content.inode);
    // The size that is told may be wrong: of files that the kernel makes it is 0, and others grow.
    const auto told = static_cast<std::size_t>(state_of(opened).size);
    if (told > most)
        return std::nullopt;
    std::string text(told + 1, '\0');
    for (std::size_t size = 0;;) {
        const ssize_t got = ::read(opened.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw failed(path, errno);
        size += static_cast<std::size_t>(got);
        if (size > most)
            return std::nullopt;
        if (got == 0) {
            text.resize(size);
            return text;
        }
        if (size == text.size())
            text.resize(std::min(2 * size + 4096, most + 1));
    }
}

folder::folder(std::shared_ptr<const root> in, const std::string &path) : folder(in, path, in->look(path)) {}

folder::folder(std::shared_ptr<const root> in, const std::string &path, const entry &found)
    : in_(std::move(in)), path_(found.path), opened_(-1) {
    if (found.what != kind::folder)
        throw failure(reason::kind, path, "is " + noun(found.what) + ", not a folder");
    const auto at = walk(in_->opened_.get(), path_);
    if (!at)
        throw was_exchanged(path);
    opened_ = descriptor(::openat(at->folder.get(), at->name.c_str(), to_list));
    if (opened_.get() < 0)
        throw errno == ENOTDIR || errno == ELOOP ? was_exchanged(path) : failed(path, errno);
}

folder folder::inner(const std::string &name) const {
    descriptor opened(::openat(opened_.get(), name.c_str(), to_list));
    if (opened.get() < 0)
        throw errno == ENOTDIR || errno == ELOOP ? was_exchanged(path_of(name)) : failed(path_of(name), errno);
    return {in_, path_of(name), std::move(opened)};
}

void folder::each_name(const std::function<void(const std::string &)> &see) const {
    each([&](const std::string &name, std::optional<kind>) { see(name); });
}

void folder::each(const std::function<void(const std::string &, std::optional<kind>)> &see) const {
    descriptor again(::openat(opened_.get(), ".", to_list)); // of its own, because listing moves on in it
    if (again.get() < 0)
        throw failed(path_, errno);
    const std::unique_ptr<DIR, int (*)(DIR *)> listing(::fdopendir(again.get()), ::closedir);
    if (!listing)
        throw failed(path_, errno);
    again.release();
    for (errno = 0; const dirent *next = ::readdir(listing.get()); errno = 0)
        if (const std::string_view name = next->d_name; name != "." && name != "..")
            see(std::string(name), kind_of(*next));
    if (errno != 0)
        throw failed(path_, errno);
}

entry folder::at(const std::string &name) const { return entry_at(opened_.get(), name, path_of(name)); }

} // namespace barometre::file
