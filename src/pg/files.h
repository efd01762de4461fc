#pragma once

#include "core/bytes/content.h"
#include "core/file/root.h"
#include "pg/oid.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The server's disk, as far as a role may see it.
namespace barometre::pg {

using file_state = file::state;
using file::descriptor;

/// A regular file that the owner of the project may read.
struct data_file {
    std::shared_ptr<const file::root> root; ///< out of which nothing is read
    std::string path;                       ///< below it, every symlink resolved, in the bytes that the disk has
    std::string name; ///< for the ledger and for messages, in one line: below the data directory, else absolute
    file_state state;
    /// Open: what is read of it is read from there, whatever is put under its name; none: by its path, each time.
    std::shared_ptr<const descriptor> opened{};
    bool is_kept = false; ///< by keep_open()
};

std::int64_t now_us(); ///< by the clock that files' times come from

/// What a pattern matches in a folder.
struct listing {
    std::vector<data_file> files;     ///< by name
    std::vector<std::string> no_data; ///< what is passed over, with the reason: "in/a.csv" (a folder)
    bool is_missing = false;          ///< the folder, where that is allowed
};

/// The folder of a stream is not there.
struct no_folder : error {
    using error::error;
};

/// What lies directly in the folder that a stream names and has a name that matches `pattern` as a whole. Folders are
/// never data, nor are names that begin with a dot, or with ~$ as locks of office programs do, if the pattern takes any
/// other character there as well. Throws not_configured when there is no barometre.data_directory, no_folder, and
/// bad_file for a match that is neither folder nor regular file, and for what lies outside the data directory or is led
/// out of it by a symlink, unless `owner` has the privileges of pg_read_server_files.
listing list_files(const std::string &path, const std::string &pattern, oid owner);

/// The same several times: of calls for one folder, one after the other, the first one reads it.
class folder_reader {
public:
    explicit folder_reader(oid owner);
    ~folder_reader();
    listing list(const std::string &path, const std::string &pattern);

private:
    struct state;
    void read(const std::string &path);
    std::unique_ptr<state> state_;
};

/// The file of that name in a folder of the data directory. Nothing: it is not there, nor need the folder be, nor the
/// setting.
std::optional<data_file> find_data_file(const std::string &path, const std::string &name, oid owner);

/// A file of a project. Nothing: it is not there.
std::optional<data_file> find_project_file(const std::shared_ptr<const file::root> &project, const std::string &path);

/// The same, open, and the one that was listed; if it is open, as it is.
data_file open_file(data_file file);
/// The same for longer, beside others: closed, or not opened, if the server can spare no descriptor.
data_file keep_open(data_file file);
inline int descriptor_of(const data_file &opened) { return opened.opened->get(); }
using file::state_of;

/// `unreadable`, with the name of the file.
error named(const bytes::unreadable &e, const data_file &file);
/// Does what reads a listed file: when that fails, the error names it.
template <class F> auto reading(const data_file &file, F &&work) {
    try {
        return work();
    } catch (const bytes::unreadable &e) {
        throw named(e, file);
    }
}

/// The folder that barometre.project_directory names.
std::shared_ptr<const file::root> open_project();
/// The project folder for baro_load_project(path): below barometre.project_directory, or any for pg_read_server_files.
std::shared_ptr<const file::root> open_project(const std::string &path, oid caller);
/// One that was opened so before, by its path.
std::shared_ptr<const file::root> open_recorded_project(const std::string &path);

} // namespace barometre::pg
