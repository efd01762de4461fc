#include "registry/reading.h"
#include "core/project/builtin_packages.h"
#include "core/project/registered.h"
#include "pg/files.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/settings.h"
#include "pg/spi.h"

#include <algorithm>
#include <map>

namespace barometre::registry {

namespace {

/// They are of the version that is installed, as the library is: each session reads them once.
const std::shared_ptr<const jinja::macro_library> &builtin_packages() {
    static std::shared_ptr<const jinja::macro_library> known;
    if (!known)
        try {
            known = project::read_builtin_packages(file::root::open(pg::share_directory() + "/packages"));
        } catch (const file::failure &e) {
            throw error(sqlstate::bad_file, "the packages of barometre can't be read", e.message,
                        "Install barometre anew.");
        }
    return known;
}

/// What is asked of the folder of the taps' files, which need not be there.
project::data_folder data_folder() {
    project::data_folder out;
    const std::string set = pg::data_directory();
    if (set.empty())
        return out;
    out.paths.push_back(set);
    out.resolve = [](const std::string &path) {
        try {
            return file::root::open(path)->path();
        } catch (const file::failure &) { // it is said as it stands
            return path;
        }
    };
    if (const std::string through_no_link = out.resolve(set); through_no_link != set)
        out.paths.push_back(through_no_link);
    out.has_folder = [set](const std::string &path) {
        try {
            return file::root::open(set)->look(path).what == file::kind::folder;
        } catch (const file::failure &) {
            return false;
        }
    };
    return out;
}

/// What the project's files do not say themselves.
project::surroundings surroundings_of(const std::shared_ptr<const file::root> &folder, pg::oid caller) {
    project::surroundings out;
    out.database = pg::database_name();
    out.target_schema = pg::target_schema();
    out.packages = builtin_packages();
    out.data = data_folder();
    out.outside = [folder, caller](const std::string &path) {
        return pg::open_project(path.starts_with('/') ? path : folder->path() + "/" + path, caller);
    };
    out.was_read = [] { pg::point("project.read"); };
    out.wait = [](int milliseconds) { pg::sleep_ms(milliseconds); };
    pg::as_extension([&] {
        const auto rows = pg::sql("SELECT file, n FROM barometre_internal.described, unnest(nodes) AS n");
        for (std::size_t i = 0; i < rows.rows.size(); ++i)
            out.described[rows.text(i, 0)].push_back(rows.text(i, 1));
    });
    return out;
}

} // namespace

project::project read_files(const std::shared_ptr<const file::root> &folder, const recorded_project &recorded,
                            pg::oid owner) {
    return project::read_project(folder, recorded.registered, project::schema_names::unchecked,
                                 surroundings_of(folder, owner));
}

/// Tells what does not count, a kind at a time, and what can't be used.
void tell(const project::findings &found) {
    std::map<std::pair<std::string, std::string>, std::vector<const project::note *>> kinds;
    for (const project::note &n : found.notes)
        if (n.is_told)
            kinds[{n.change + " " + n.kind, n.kind == "key" ? n.name : ""}].push_back(&n);
    for (const auto &[kind, notes] : kinds) {
        const project::note &first = *notes.front();
        const std::string rest = notes.size() == 1 ? ""
                                                   : ", and in " + std::to_string(notes.size() - 1) +
                                                         (notes.size() == 2 ? " other place" : " other places");
        const std::string text =
            first.at.text() + ": " + first.kind + " \"" + first.name + "\" is " + first.change + rest;
        if (std::any_of(notes.begin(), notes.end(), [](const auto *n) { return n->is_warning; }))
            pg::warning(text, "", first.detail);
        else
            pg::notice(text);
    }
    if (const std::size_t n = found.problems.size())
        pg::warning(std::to_string(n) + (n == 1 ? " thing" : " things") + " of the project can't be used: " +
                        found.problems.front().why.message + (n == 1 ? "" : ", ..."),
                    "SELECT * FROM barometre.problems;  shows all.");
}

void refuse_unloaded(const recorded_project &recorded) {
    if (pg::reloads_by_hand() && !recorded.hash)
        throw error(sqlstate::not_configured, "no project was loaded into this database",
                    "barometre.reload is manual: only baro_load_project() takes the files of a project.",
                    "SELECT * FROM baro_load_project();");
}

void refuse_changed(const recorded_project &recorded, const project::project &p) {
    const bool is_same = recorded.files_hash ? recorded.files_hash == p.files_hash : recorded.hash == p.hash;
    if (!pg::reloads_by_hand() || is_same)
        return;
    const std::string when = pg::as_extension([] {
        return pg::sql("SELECT to_char(loaded_at AT TIME ZONE timezone, 'YYYY-MM-DD HH24:MI:SS') FROM "
                       "barometre_internal.project")
            .text(0, 0);
    });
    throw error(sqlstate::not_configured, "the files of the project differ from what was loaded",
                "It was loaded at " + when + ", and barometre.reload is manual: only baro_load_project() takes them.",
                "SELECT * FROM baro_load_project();  takes them as they are now.");
}

/// What is just being registered must be right.
void refuse_registering(const project::project &p, const std::string &registering) {
    for (const project::problem &one : p.found->problems)
        if (one.at.file == registering || one.why.message.find(registering) != std::string::npos ||
            project::registered_place(one.kind, one.name) == registering)
            throw one.why;
}

} // namespace barometre::registry
