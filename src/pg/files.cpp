#include "pg/files.h"
#include "pg/guard.h"
#include "pg/identity.h"
#include "pg/settings.h"
#include "pg/spi.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace barometre::pg {

namespace {

std::string reason(int number) { return std::strerror(number); }

/// Every symlink resolved; empty when there is no such file.
std::optional<std::string> real_path(const std::string &path) {
    char *resolved = ::realpath(path.c_str(), nullptr);
    if (!resolved)
        return std::nullopt;
    std::string out = resolved;
    std::free(resolved);
    return out;
}

bool is_below(const std::string &path, const std::string &root) {
    return path == root || (path.size() > root.size() && path.compare(0, root.size(), root) == 0 &&
                            (root.back() == '/' || path[root.size()] == '/'));
}

bool may_read_anything(oid role) { return has_privileges_of(role, ROLE_PG_READ_SERVER_FILES); }

file_state to_state(const struct stat &s) {
    auto micros = [](const timespec &t) { return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000; };
    return {s.st_size, static_cast<std::int64_t>(s.st_ino), micros(s.st_mtim), micros(s.st_ctim)};
}

const char *kind_of(mode_t mode) {
    return S_ISDIR(mode)                    ? "a folder"
           : S_ISFIFO(mode)                 ? "a named pipe"
           : S_ISSOCK(mode)                 ? "a socket"
           : S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
                                            : "no regular file";
}

bool has_parent_step(const std::string &path) {
    auto parts = std::filesystem::path(path);
    return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

error outside(const std::string &what, const std::string &root, const char *setting) {
    return error(sqlstate::bad_file, what + " lies outside " + setting,
                 std::string("The setting is \"") + root + "\"; symbolic links are followed before the check.",
                 std::string("Move it below that folder, or have a superuser change ") + setting +
                     " or grant pg_read_server_files to the owner of the project.");
}

/// Whether names match a pattern, as the server's own regular expressions see it.
class matcher {
public:
    explicit matcher(const std::string &pattern) {
        // ^(?:...)$ makes the pattern match the whole name.
        whole_ = "^(?:" + pattern + ")$";
    }
    bool matches(const std::string &name) const {
        const char *p = whole_.c_str(), *n = name.c_str();
        try {
            return run(p, n);
        } catch (error &e) {
            if (e.sqlstate == "2201B") // invalid regular expression
                e.hint = "Correct the key \"pattern\" of the stream: a dot stands for any character, \\. for a dot, .* "
                         "for any text.";
            throw;
        }
    }

private:
    static bool run(const char *p, const char *n) {
        return call([&] {
            ::text *pattern = cstring_to_text(p), *subject = cstring_to_text(n);
            bool yes = RE_compile_and_execute(pattern, VARDATA(subject), static_cast<int>(strlen(n)), REG_ADVANCED,
                                              C_COLLATION_OID, 0, nullptr);
            pfree(pattern);
            pfree(subject);
            return yes;
        });
    }

    std::string whole_;
};

} // namespace

std::int64_t now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

descriptor::~descriptor() {
    if (fd_ >= 0)
        ::close(fd_);
}

std::string data_root() {
    const std::string setting = data_directory();
    if (setting.empty()) {
        const char *database = call([] { return get_database_name(MyDatabaseId); });
        throw error(sqlstate::not_configured, "barometre.data_directory is not set, so no file is read", "",
                    "As a superuser: ALTER DATABASE " + quote_identifier(database) +
                        " SET barometre.data_directory = '/path/to/the/files'; then connect again.");
    }
    auto root = real_path(setting);
    if (!root)
        throw error(
            sqlstate::bad_file, "barometre.data_directory \"" + setting + "\": " + reason(errno), "",
            "Create the folder, let the server's user read it, or set barometre.data_directory to another one.");
    return *root;
}

std::string resolve_folder(const std::string &path, oid owner) {
    const std::string root = data_root();
    if (has_parent_step(path))
        throw error(sqlstate::bad_file, "path \"" + path + "\" contains \"..\"", "",
                    "Give the path below barometre.data_directory, without \"..\".");
    const std::string full = path.starts_with('/') ? path : root + "/" + path;
    auto folder = real_path(full);
    if (!folder)
        throw error(sqlstate::bad_file, "folder \"" + full + "\": " + reason(errno), "",
                    "Create the folder, or correct the key \"path\" of the stream.");
    if (!is_below(*folder, root) && !may_read_anything(owner))
        throw outside("folder \"" + full + "\"", root, "barometre.data_directory");
    struct stat s {};
    if (::stat(folder->c_str(), &s) != 0 || !S_ISDIR(s.st_mode))
        throw error(sqlstate::bad_file, "\"" + full + "\" is not a folder", "",
                    "The key \"path\" names a folder; the file's name goes into \"pattern\".");
    return *folder;
}

std::vector<data_file> list_files(const std::string &folder, const std::string &pattern, oid owner) {
    const std::string root = data_root();
    const bool anything = may_read_anything(owner);
    std::vector<std::string> names;
    DIR *dir = ::opendir(folder.c_str());
    if (!dir)
        throw error(sqlstate::bad_file, "could not list folder \"" + folder + "\": " + reason(errno), "",
                    "Let the operating system's user of the server read and enter the folder.");
    while (const dirent *entry = ::readdir(dir))
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
            names.emplace_back(entry->d_name);
    ::closedir(dir);
    std::sort(names.begin(), names.end());

    matcher wanted(pattern);
    wanted.matches(""); // a pattern that is none is an error in an empty folder too
    std::vector<data_file> files;
    for (const std::string &name : names) {
        const std::string full = folder + "/" + name;
        if (!call([&] { return pg_verifymbstr(name.c_str(), static_cast<int>(name.size()), true); }))
            continue; // a name that no pattern can be compared with
        if (!wanted.matches(name))
            continue;
        struct stat s {};
        // The folder's path is resolved already; a link in it is followed to where it leads.
        auto path = ::lstat(full.c_str(), &s) == 0 && !S_ISLNK(s.st_mode) ? full : real_path(full);
        if (!path || (path != full && ::stat(path->c_str(), &s) != 0))
            throw error(sqlstate::bad_file, "file \"" + full + "\": " + reason(errno), "",
                        "Remove the dangling link, or correct the key \"pattern\" of the stream.");
        if (!is_below(*path, root) && !anything)
            throw outside("file \"" + full + "\"", root, "barometre.data_directory");
        if (!S_ISREG(s.st_mode))
            throw error(sqlstate::bad_file, "\"" + full + "\" is " + kind_of(s.st_mode) + ", not a regular file", "",
                        "Remove it, or correct the key \"pattern\" of the stream so that it does not match.");
        const std::string shown = is_below(full, root) ? full.substr(root.size() + 1) : full;
        files.push_back({*path, shown, to_state(s)});
    }
    return files;
}

std::optional<data_file> trusted_file(const std::string &path) {
    struct stat s {};
    if (path.empty() || ::stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode))
        return std::nullopt;
    return data_file{path, path, to_state(s)};
}

descriptor open_file(const data_file &file) {
    // O_NONBLOCK: a pipe put in the file's place must not hang the server.
    int fd = ::open(file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        throw error(sqlstate::bad_file, "could not open file \"" + file.name + "\": " + reason(errno), "",
                    "Let the operating system's user of the server read the file.");
    descriptor opened(fd);
    struct stat s {};
    if (::fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || static_cast<std::int64_t>(s.st_ino) != file.state.inode)
        throw error(sqlstate::bad_file, "file \"" + file.name + "\" was replaced while it was being opened", "",
                    "Run the tap again once the upload is complete.");
    return opened;
}

file_state state_of(const descriptor &file) {
    struct stat s {};
    if (::fstat(file.get(), &s) != 0)
        throw error(sqlstate::bad_file, "could not look at an open file: " + reason(errno));
    return to_state(s);
}

std::string resolve_project(const std::string &path, oid caller) {
    const std::string root = project_directory();
    const std::string full = path.starts_with('/') ? path : root + "/" + path;
    auto folder = real_path(full);
    if (!folder)
        throw error(sqlstate::bad_file, "project folder \"" + full + "\": " + reason(errno), "",
                    "Create it, or set barometre.project_directory to the folder that holds barometre.yml.");
    auto real_root = real_path(root);
    if (!(real_root && is_below(*folder, *real_root)) && !may_read_anything(caller))
        throw outside("project folder \"" + full + "\"", root, "barometre.project_directory");
    return *folder;
}

} // namespace barometre::pg
