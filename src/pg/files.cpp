#include "pg/files.h"
#include "core/interrupts.h"
#include "core/text/text.h"
#include "core/text/utf8.h"
#include "pg/guard.h"
#include "pg/identity.h"
#include "pg/name_pattern.h"
#include "pg/settings.h"
#include "pg/spi.h"

#include <algorithm>
#include <ctime>
#include <filesystem>

namespace barometre::pg {

namespace {

using file::failure;
using reason = failure::reason;
using root_pointer = std::shared_ptr<const file::root>;

bool may_read_anything(oid role) { return has_privileges_of(role, ROLE_PG_READ_SERVER_FILES); }

bool has_parent_step(const std::string &path) { return text::contains(std::filesystem::path(path), ".."); }

error outside(const std::string &what, const std::string &root, const char *setting) {
    return error(sqlstate::bad_file, what + " lies outside " + setting,
                 std::string("The setting is \"") + root + "\"; symbolic links are followed before the check.",
                 std::string("Move it below that folder, or have a superuser change ") + setting +
                     " or grant pg_read_server_files to the owner of the project.");
}

error replaced(const std::string &what) {
    return error(sqlstate::bad_file, what + " was replaced while it was being opened", "",
                 "Run the tap again once the upload is complete.");
}

error bad_root(const char *setting, const std::string &path, const failure &e) {
    return error(sqlstate::bad_file, std::string(setting) + " \"" + path + "\": " + e.clause, "",
                 std::string("Create the folder, let the server's user read it, or set ") + setting +
                     " to another one.");
}

root_pointer open_data_root() {
    const std::string setting = data_directory();
    if (setting.empty()) {
        const char *database = call([] { return get_database_name(MyDatabaseId); });
        throw error(sqlstate::not_configured, "barometre.data_directory is not set, so no file is read", "",
                    "As a superuser: ALTER DATABASE " + quote_identifier(database) +
                        " SET barometre.data_directory = '/path/to/the/files'; then connect again.");
    }
    try {
        return file::root::open(setting);
    } catch (const failure &e) {
        throw bad_root("barometre.data_directory", setting, e);
    }
}

/// Where a role may read: below the data directory, and everywhere if `all` is set.
struct reach {
    explicit reach(oid owner) : data(open_data_root()), owner(owner) {}

    /// What a path, absolute or below the data directory, leads to, and below which root that is.
    std::pair<root_pointer, file::entry> look(const std::string &path) const {
        try {
            return {data, data->look(path)};
        } catch (const failure &e) {
            if (e.why != reason::outside || !may_read_anything(owner))
                throw;
            if (!all) // few streams need it
                all = file::root::open("/");
            return {all, all->look(e.target)};
        }
    }

    root_pointer data;

private:
    const oid owner;
    mutable root_pointer all;
};

/// A folder that a stream names.
struct data_folder {
    root_pointer root;
    file::folder opened;
};

data_folder open_folder(const reach &in, const std::string &path) {
    if (has_parent_step(path))
        throw error(sqlstate::bad_file, "path \"" + path + "\" contains \"..\"", "",
                    "Give the path below barometre.data_directory, without \"..\".");
    const std::string full = text::one_line(path.starts_with('/') ? path : in.data->full(path));
    const std::string what = "folder \"" + full + "\"";
    try {
        const auto [root, found] = in.look(path);
        return {root, file::folder(root, found.path, found)};
    } catch (const failure &e) {
        switch (e.why) {
        case reason::outside:
            throw outside(what, in.data->path(), "barometre.data_directory");
        case reason::exchanged:
            throw replaced(what);
        case reason::kind:
            throw error(sqlstate::bad_file, "\"" + full + "\" is not a folder", "",
                        "The key \"path\" names a folder; the file's name goes into \"pattern\".");
        case reason::missing:
            throw no_folder(sqlstate::bad_file, what + ": " + e.clause, "",
                            "Create the folder, or correct the key \"path\" of the stream.");
        case reason::system:
            break;
        }
        throw error(sqlstate::bad_file, "could not list " + what + ": " + e.clause, "",
                    "Let the operating system's user of the server read and enter the folder.");
    }
}

/// What a name of the folder leads to.
struct named_entry {
    std::string full; ///< its absolute path, for messages
    file::kind what;
    data_file file; ///< if it is one
};

error unfit(const std::string &message) {
    return {sqlstate::bad_file, message, "",
            "Remove it, or correct the key \"pattern\" of the stream so that it does not match."};
}

/// Throws bad_file for what leads out of reach or nowhere, and failure if nothing has the name any more.
named_entry look_at(const reach &in, const data_folder &folder, const std::string &name) {
    const std::string full = folder.root->full(folder.opened.path_of(name));
    const std::string shown = text::one_line(full), what = "file " + text::quoted(shown);
    auto root = folder.root;
    file::entry found;
    try {
        found = folder.opened.at(name);
        if (found.what == file::kind::link)
            std::tie(root, found) = in.look(full);
    } catch (const failure &e) {
        if (e.why == reason::missing && found.path.empty())
            throw;
        if (e.why == reason::outside)
            throw outside(what, in.data->path(), "barometre.data_directory");
        if (e.why == reason::exchanged)
            throw replaced(what);
        throw unfit(what + ": " + e.clause);
    }
    return {shown, found.what, {root, found.path, text::one_line(in.data->below(full).value_or(full)), found.content}};
}

const data_file &regular(const named_entry &found) {
    if (found.what != file::kind::regular)
        throw unfit(text::quoted(found.full) + " is " + noun(found.what) + ", not a regular file");
    return found.file;
}

} // namespace

std::int64_t now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

struct folder_reader::state {
    reach in;
    std::string path; ///< of the folder that was read last
    std::optional<data_folder> folder{};
    std::vector<std::string> names{}; ///< in it, in order
};

folder_reader::folder_reader(oid owner) : state_(std::make_unique<state>(state{reach(owner), ""})) {}
folder_reader::~folder_reader() = default;

void folder_reader::read(const std::string &path) {
    state &last = *state_;
    if (last.folder && last.path == path)
        return;
    last.folder.reset();
    data_folder opened = open_folder(last.in, path);
    last.names.clear();
    try {
        opened.opened.each_name([&](const std::string &name) {
            last.names.push_back(name);
            if (last.names.size() % 1024 == 0)
                check_interrupts();
        });
    } catch (const failure &e) {
        throw error(sqlstate::bad_file,
                    "could not list folder \"" + text::one_line(opened.root->full(opened.opened.path())) +
                        "\": " + e.clause,
                    "", "Look at the disk.");
    }
    std::sort(last.names.begin(), last.names.end());
    last.folder = std::move(opened);
    last.path = path;
}

listing list_files(const std::string &path, const std::string &pattern, oid owner) {
    return folder_reader(owner).list(path, pattern);
}

listing folder_reader::list(const std::string &path, const std::string &pattern) {
    read(path);
    const reach &in = state_->in;
    const data_folder &folder = *state_->folder;
    const std::vector<std::string> &names = state_->names;
    const name_pattern wanted(pattern);
    const auto is_wanted = [&](const std::string &name) { // either a dot stands for a byte that is no text, or it is
        const std::string shown = text::one_line(name);   // written as the ledger has it
        return wanted.matches(shown) || (shown != name && wanted.matches(text::legible(name, '?')));
    };
    listing out;
    std::size_t seen = 0;
    for (const std::string &name : names) {
        if (++seen % 1024 == 0)
            check_interrupts();
        if (!is_wanted(name))
            continue;
        const auto pass_over = [&](const char *why) {
            const std::string full = folder.root->full(folder.opened.path_of(name));
            out.no_data.push_back(text::quoted(text::one_line(in.data->below(full).value_or(full))) + " (" + why + ")");
        };
        const bool is_hidden = name.starts_with(".");
        if ((is_hidden || name.starts_with("~$")) && is_wanted("x" + name.substr(1))) { // it was not meant
            pass_over(is_hidden ? "it begins with a dot" : "a lock");
            continue;
        }
        try {
            const named_entry found = look_at(in, folder, name);
            if (found.what == file::kind::folder)
                pass_over("a folder");
            else
                out.files.push_back(regular(found));
        } catch (const failure &e) { // as if it had been gone before
            if (e.why != reason::missing)
                throw;
        }
    }
    return out;
}

std::optional<data_file> find_data_file(const std::string &path, const std::string &name, oid owner) {
    if (data_directory().empty())
        return std::nullopt;
    const reach in(owner);
    try {
        in.look(path + "/" + name);
    } catch (const failure &e) {
        if (e.why == reason::missing)
            return std::nullopt;
    }
    try {
        return regular(look_at(in, open_folder(in, path), name));
    } catch (const failure &) { // gone since
        return std::nullopt;
    }
}

std::optional<data_file> find_project_file(const root_pointer &project, const std::string &path) {
    const std::string full = project->full(path);
    try {
        const file::entry found = project->look(path);
        if (found.what != file::kind::regular)
            throw file::not_regular(full, found.what);
        return data_file{project, found.path, full, found.content};
    } catch (const failure &e) {
        if (e.why == reason::missing)
            return std::nullopt;
        if (e.why == reason::outside)
            throw error(sqlstate::bad_file, "file \"" + full + "\" lies outside the project",
                        "It leads to \"" + e.target + "\" by a symbolic link.",
                        "Put the file itself into the project.");
        throw error(
            sqlstate::bad_file, "file \"" + full + "\" " + e.clause, "",
            "Put the file itself into the project, where the operating system's user of the server may read it.");
    }
}

error named(const bytes::unreadable &e, const data_file &file) {
    return {e.sqlstate, "could not read file \"" + file.name + "\": " + e.clause, "",
            e.remedy + "; nothing of this run was kept."};
}

namespace {

descriptor open_listed(const data_file &file) {
    try {
        descriptor opened = file.root->open_file(file.path, file.state.inode);
        if (state_of(opened).inode == file.state.inode)
            return opened;
    } catch (const failure &e) {
        if (e.why == reason::missing || e.why == reason::system)
            throw error(sqlstate::bad_file, "could not open file \"" + file.name + "\": " + e.clause, "",
                        e.why == reason::missing
                            ? "It was there when its folder was listed: run again once uploads are complete."
                            : "Let the operating system's user of the server read the file.");
    }
    throw replaced("file \"" + file.name + "\"");
}

/// One of those that the server does not manage, but counts: they may be a third of what a session has.
struct counted_descriptor {
    explicit counted_descriptor(std::shared_ptr<const descriptor> opened) : opened(std::move(opened)) {}
    ~counted_descriptor() { ReleaseExternalFD(); }
    counted_descriptor(const counted_descriptor &) = delete;
    counted_descriptor &operator=(const counted_descriptor &) = delete;
    const std::shared_ptr<const descriptor> opened;
};

} // namespace

data_file open_file(data_file file) {
    if (!file.opened)
        file.opened = std::make_shared<descriptor>(open_listed(file));
    return file;
}

data_file keep_open(data_file file) {
    if (file.is_kept)
        return file;
    file = open_file(std::move(file));
    file.is_kept = call([] { return AcquireExternalFD(); });
    if (file.is_kept) {
        const auto counted = std::make_shared<counted_descriptor>(std::move(file.opened));
        file.opened = {counted, counted->opened.get()};
    } else {
        file.opened.reset();
    }
    return file;
}

root_pointer open_project() {
    const std::string setting = project_directory();
    try {
        return file::root::open(setting);
    } catch (const failure &e) {
        throw error(sqlstate::bad_file, "project folder \"" + setting + "\": " + e.clause, "",
                    "Set barometre.project_directory to the folder of the project, or call baro_load_project() with "
                    "it.");
    }
}

root_pointer open_project(const std::string &path, oid caller) {
    const std::string setting = project_directory();
    const std::string full = path.starts_with('/') ? path : setting + "/" + path;
    root_pointer folder;
    try {
        folder = file::root::open(full);
    } catch (const failure &e) {
        throw error(sqlstate::bad_file, "project folder \"" + full + "\": " + e.clause, "",
                    "Create it, or set barometre.project_directory to the folder that holds barometre.yml.");
    }
    if (!text::is_utf8(folder->path()))
        throw error(sqlstate::bad_file, "the path of the project folder is not in UTF-8",
                    "It is " + text::quoted(text::legible(folder->path())) + ", after symbolic links.",
                    "Rename the folder, or move the project.");
    if (may_read_anything(caller))
        return folder;
    try {
        if (file::root::open(setting)->below(folder->path()))
            return folder;
    } catch (const failure &) { // nothing lies in a folder that is not there
    }
    throw outside("project folder \"" + full + "\"", setting, "barometre.project_directory");
}

root_pointer open_recorded_project(const std::string &path) {
    const std::string again = "SELECT * FROM baro_load_project(" + quote_literal(path) + ");";
    root_pointer folder;
    try {
        folder = file::root::open(path);
    } catch (const failure &e) {
        throw error(sqlstate::bad_file, "project folder \"" + path + "\": " + e.clause,
                    "It is what baro_load_project() was called with.",
                    "Put it back, or call baro_load_project() with the folder that holds barometre.yml.");
    }
    // What was judged then was the folder itself, without any link.
    if (folder->path() != path)
        throw error(sqlstate::bad_file, "project folder \"" + path + "\" leads elsewhere by a symbolic link",
                    "It leads to \"" + folder->path() + "\", and did not when baro_load_project() was called with it.",
                    "If that is right: " + again);
    return folder;
}

} // namespace barometre::pg
