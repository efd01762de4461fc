#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The server's disk, as far as a role may see it.
namespace barometre::pg {

/// What a file's inode says; two equal ones mean that the content was not touched.
struct file_state {
    std::int64_t size = 0, inode = 0;
    std::int64_t mtime_us = 0, ctime_us = 0; ///< microseconds since 1970-01-01 UTC
    bool operator==(const file_state &) const = default;
};

/// A regular file that the owner of the project may read.
struct data_file {
    std::string path; ///< absolute, every symlink resolved
    std::string name; ///< for the ledger and for messages: below the data directory, else the path
    file_state state;
};

std::int64_t now_us(); ///< by the clock that files' times come from

/// A descriptor that closes itself.
class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor();
    descriptor(descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor &operator=(descriptor &&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

/// barometre.data_directory with its symlinks resolved. Throws not_configured
/// when it is not set, bad_file when it is not there.
std::string data_root();

/// The folder that a stream names, resolved. It must lie below the data
/// directory, unless `owner` has the privileges of pg_read_server_files.
std::string resolve_folder(const std::string &path, oid owner);

/// The files directly in `folder` whose whole name matches the PostgreSQL regular
/// expression `pattern`, by name. Throws bad_file for a match that is no regular
/// file, or that a symlink leads out of what `owner` may read.
std::vector<data_file> list_files(const std::string &folder, const std::string &pattern, oid owner);

/// A regular file whose path a superuser's setting gives, so that no other check is due. Nothing: there is none.
std::optional<data_file> trusted_file(const std::string &path);

/// Opens a listed file and checks that it is still the one that was listed.
descriptor open_file(const data_file &file);
file_state state_of(const descriptor &file);

/// The project folder for baro_load_project(path): below
/// barometre.project_directory, or any for pg_read_server_files.
std::string resolve_project(const std::string &path, oid caller);

} // namespace barometre::pg
