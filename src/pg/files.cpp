#include "pg/files.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "core/text/utf8.h"
#include "pg/cancels.h"
#include "pg/guard.h"
#include "pg/identity.h"
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
    explicit reach(oid owner)
        : data(open_data_root()), all(may_read_anything(owner) ? file::root::open("/") : nullptr) {}

    /// What a path, absolute or below the data directory, leads to, and below which root that is.
    std::pair<root_pointer, file::entry> look(const std::string &path) const {
        try {
            return {data, data->look(path)};
        } catch (const failure &e) {
            if (e.why != reason::outside || !all)
                throw;
            return {all, all->look(e.target)};
        }
    }

    root_pointer data, all;
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
    const std::string full = path.starts_with('/') ? path : in.data->full(path), what = "folder \"" + full + "\"";
    try {
        const auto [root, found] = in.look(path);
        return {root, file::folder(root, found.path)};
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
            throw error(sqlstate::bad_file, what + ": " + e.clause, "",
                        "Create the folder, or correct the key \"path\" of the stream.");
        case reason::system:
            break;
        }
        throw error(sqlstate::bad_file, "could not list " + what + ": " + e.clause, "",
                    "Let the operating system's user of the server read and enter the folder.");
    }
}

/// A name of the folder. Throws bad_file if it is none of a file that may be read; failure if nothing has it any more.
data_file file_in(const reach &in, const data_folder &folder, const std::string &name) {
    const std::string full = folder.root->full(folder.opened.path_of(name)), what = "file \"" + full + "\"";
    if (!text::is_utf8(full))
        throw error(sqlstate::bad_file,
                    "the name of a file in folder " +
                        text::quoted(text::legible(folder.root->full(folder.opened.path()))) + " is not in UTF-8",
                    "With its other bytes in hexadecimal it is " + text::quoted(text::legible(name)) + ".",
                    "Rename it, or correct the key \"pattern\" of the stream so that it does not match.");
    std::string line = name;
    std::replace_if(line.begin(), line.end(), text::is_control, ' ');
    if (line != name)
        throw error(sqlstate::bad_file,
                    "there is a control character in the name of a file in folder \"" +
                        folder.root->full(folder.opened.path()) + "\"",
                    "With spaces in their place its name is " + text::quoted(line) + ".",
                    "Rename it, or correct the key \"pattern\" of the stream so that it does not match.");
    try {
        auto root = folder.root;
        file::entry found = folder.opened.at(name);
        if (found.what == file::kind::link)
            std::tie(root, found) = in.look(full);
        if (found.what != file::kind::regular)
            throw error(sqlstate::bad_file, "\"" + full + "\" is " + noun(found.what) + ", not a regular file", "",
                        "Remove it, or correct the key \"pattern\" of the stream so that it does not match.");
        return {root, found.path, in.data->below(full).value_or(full), found.content};
    } catch (const failure &e) {
        if (e.why == reason::outside)
            throw outside(what, in.data->path(), "barometre.data_directory");
        if (e.why == reason::exchanged)
            throw replaced(what);
        throw error(sqlstate::bad_file, what + ": " + e.clause, "",
                    "Remove the link that leads nowhere, or correct the key \"pattern\" of the stream.");
    }
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

std::vector<data_file> list_files(const std::string &path, const std::string &pattern, oid owner) {
    const reach in(owner);
    const data_folder folder = open_folder(in, path);
    std::vector<std::string> names;
    try {
        folder.opened.each_name([&](const std::string &name) {
            names.push_back(name);
            if (names.size() % 1024 == 0)
                check_interrupts();
        });
    } catch (const failure &e) {
        throw error(sqlstate::bad_file,
                    "could not list folder \"" + folder.root->full(folder.opened.path()) + "\": " + e.clause, "",
                    "Look at the disk.");
    }
    std::sort(names.begin(), names.end());

    matcher wanted(pattern);
    wanted.matches(""); // a pattern that is none is an error in an empty folder too
    std::vector<data_file> files;
    std::size_t seen = 0;
    for (const std::string &name : names) {
        if (++seen % 1024 == 0)
            check_interrupts();
        if (wanted.matches(text::legible(name, '?'))) // which is an error if it is meant, and not passed over
            files.push_back(file_in(in, folder, name));
    }
    return files;
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
    return file_in(in, open_folder(in, path), name);
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

error named(const csv::unreadable &e, const data_file &file) {
    return {e.sqlstate, "could not read file \"" + file.name + "\": " + e.clause, "",
            e.remedy + "; nothing of this run was kept."};
}

descriptor open_file(const data_file &file) {
    try {
        descriptor opened = file.root->open_file(file.path);
        if (state_of(opened).inode == file.state.inode)
            return opened;
    } catch (const failure &e) {
        if (e.why == reason::missing || e.why == reason::system)
            throw error(sqlstate::bad_file, "could not open file \"" + file.name + "\": " + e.clause, "",
                        "Let the operating system's user of the server read the file.");
    }
    throw replaced("file \"" + file.name + "\"");
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
