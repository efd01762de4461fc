#pragma once

#include "core/error.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Reading and writing below a folder and nowhere else, whatever others put in the place of its files and folders
/// meanwhile: links are followed first, and then the way is walked from an open folder, part by part, through no link.
namespace barometre::file {

/// A descriptor that closes itself.
class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor();
    descriptor(descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor &operator=(descriptor &&other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); } ///< another closes it

private:
    int fd_;
};

/// What a file's inode says; two equal ones mean that the content was not touched.
struct state {
    std::int64_t size = 0, inode = 0;
    std::int64_t mtime_us = 0, ctime_us = 0; ///< microseconds since 1970-01-01 UTC
    bool operator==(const state &) const = default;
};
state state_of(const descriptor &file);
/// When the inode of a file was made, in the same microseconds; nothing: the file system does not say.
std::optional<std::int64_t> birth_of(const descriptor &file);

enum class kind { regular, folder, link, pipe, socket, device, other };
std::string noun(kind what); ///< "a named pipe"

/// Why something is not read. The message names the path as it was given; who knows better words takes `clause`.
struct failure : error {
    enum class reason {
        missing,
        outside,   ///< it leads out of the root, to `target`
        kind,      ///< it is no regular file, or no folder
        exchanged, ///< for something else, between two looks
        system     ///< anything else that the system says
    };
    failure(reason why, const std::string &path, const std::string &clause, std::string target = {})
        : error(sqlstate::bad_file, "\"" + path + "\": " + clause), why(why), clause(clause),
          target(std::move(target)) {}

    reason why;
    std::string clause, target;
};

failure not_regular(const std::string &path, kind what);
failure failed(const std::string &path, int number); ///< in the system's words for an errno

/// What lies somewhere below a root.
struct entry {
    std::string path; ///< below the root, through no link
    kind what = kind::other;
    state content;
    bool operator==(const entry &) const = default;
};

/// A folder out of which nothing is read. What is put in the place of its path once it is open is not seen.
class root {
public:
    /// Links in the path are followed. Throws failure.
    static std::shared_ptr<const root> open(const std::string &path);

    const std::string &path() const { return path_; } ///< absolute, through no link
    std::string full(const std::string &path) const;  ///< the absolute path of one below the root
    /// The part of an absolute path that is below the root; nothing: it is elsewhere.
    std::optional<std::string> below(const std::string &path) const;
    /// What a path, absolute or below the root, leads to: links are followed, and may be absolute, but must stay
    /// below the root.
    entry look(const std::string &path) const;
    /// Opens a regular file by the path of its entry, and never waits.
    descriptor open_file(const std::string &path) const;
    /// The same for many that were listed with their inodes: the folder of the last one stays open, and is looked for
    /// anew when the file is not there any more. May be called in several threads.
    descriptor open_file(const std::string &path, std::int64_t inode) const;
    /// The text of a regular file that `look` finds; nothing: it is larger than `most`.
    std::optional<std::string> read(const std::string &path, std::size_t most) const;
    std::optional<std::string> read(const std::string &path, const entry &found, std::size_t most) const;

private:
    friend class folder;
    root(std::string path, descriptor opened) : path_(std::move(path)), opened_(std::move(opened)) {}
    std::optional<entry> look_at(const std::string &path) const;

    std::string path_;
    descriptor opened_;
    /// The folder in which a listed file was opened last.
    struct last_folder {
        std::mutex use;
        std::string path;
        std::optional<descriptor> opened;
    };
    mutable last_folder last_;
};

/// An open folder below a root.
class folder {
public:
    folder(std::shared_ptr<const root> in, const std::string &path); ///< links are followed
    /// The same of what `look` found there.
    folder(std::shared_ptr<const root> in, const std::string &path, const entry &found);
    folder inner(const std::string &name) const;      ///< one that is no link
    const std::string &path() const { return path_; } ///< below the root, through no link
    std::string path_of(const std::string &name) const { return path_.empty() ? name : path_ + "/" + name; }
    void each_name(const std::function<void(const std::string &)> &see) const; ///< in no order
    /// The same with what each is, as far as the folder itself says it; nothing: it has to be looked at.
    void each(const std::function<void(const std::string &, std::optional<kind>)> &see) const;
    entry at(const std::string &name) const; ///< a link is not followed
    /// Writes a regular file that everybody may read, or puts it in the place of one: who opens it sees the old content
    /// or the new one, also after a crash. The new one is written beside it first, under a hidden name of which only
    /// one is in use at a time. Throws failure.
    void replace(const std::string &name, std::string_view content) const;

private:
    folder(std::shared_ptr<const root> in, std::string path, descriptor opened)
        : in_(std::move(in)), path_(std::move(path)), opened_(std::move(opened)) {}

    std::shared_ptr<const root> in_;
    std::string path_;
    descriptor opened_;
};

} // namespace barometre::file
