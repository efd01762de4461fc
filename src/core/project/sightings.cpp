#include "core/project/sightings.h"
#include "core/interrupts.h"
#include "core/project/git.h"
#include "core/text/text.h"

namespace barometre::project {

namespace {

error changing(const std::string &detail) {
    return {sqlstate::busy, "the files of the project are changing", detail,
            "Call again when all of them are in their place."};
}

} // namespace

sightings::sight sightings::look(const file::root &in, const std::string &file) {
    try {
        return in.look(file);
    } catch (const file::failure &) {
        return std::nullopt;
    }
}

class sightings::near_looks {
public:
    sight look(const root &in, const std::string &file) {
        const std::size_t slash = file.rfind('/');
        const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash),
                          name = file.substr(slash + 1);
        if (name.empty() || name == "." || name == "..")
            return sightings::look(*in, file);
        try {
            if (!open_ || in != in_ || folder != path_) {
                open_.reset();
                open_.emplace(in, folder);
                in_ = in;
                path_ = folder;
            }
            if (const file::entry found = open_->at(name); found.what != file::kind::link)
                return found;
        } catch (const file::failure &) {
        }
        return sightings::look(*in, file);
    }

private:
    std::optional<file::folder> open_;
    root in_;
    std::string path_; ///< of the folder, as it was asked for
};

const file::entry *sightings::see(const root &in, const std::string &file) {
    roots_.insert(in);
    const auto [at, is_first] = files_.try_emplace({in, file}); // what was seen first counts
    if (!is_first)
        return nullptr;
    at->second = look(*in, file);
    return at->second ? &*at->second : nullptr;
}

std::string sightings::read_text(const root &in, const std::string &file) {
    const file::entry *found = see(in, file);
    return found ? barometre::project::read_text(*in, file, *found) : barometre::project::read_text(*in, file);
}

bool sightings::is_there(const root &in, const std::string &file) {
    see(in, file);
    return barometre::project::is_there(*in, file);
}

std::vector<std::string> sightings::list_files(const root &in, const std::vector<std::string> &folders,
                                               const std::vector<std::string> &extensions, const refusal &refused) {
    roots_.insert(in);
    const std::size_t number = lists_.size();
    lists_.push_back({in, folders, extensions, std::nullopt});
    std::vector<std::string> found = barometre::project::list_files(in, folders, extensions, refused);
    lists_[number].found = found;
    return found;
}

std::vector<std::string> sightings::list_folders(const root &in, const std::string &folder) {
    roots_.insert(in);
    return folders_[{in, folder}] = barometre::project::list_folders(in, folder);
}

std::optional<error> sightings::change() const {
    // Before all else: git holds its lock for as long as it changes files.
    for (const root &in : roots_)
        if (git_state_of(*in) == git_state::at_work)
            return error(sqlstate::busy, "the files of the project are changing",
                         "git is at work there: " + text::quoted(in->full(git_lock)) + " exists.",
                         "Call again when it is done. If no git is running, one that was killed left that file: "
                         "remove it.");
    near_looks now;
    for (const auto &[key, seen] : files_) {
        check_interrupts();
        if (now.look(key.first, key.second) != seen)
            return changing(text::quoted(key.first->full(key.second)) + " changed while the project was read.");
    }
    for (const auto &[key, found] : folders_)
        if (barometre::project::list_folders(key.first, key.second) != found)
            return changing("Folders came or went in " + text::quoted(key.first->full(key.second)) +
                            " while the project was read.");
    for (const sighted_list &one : lists_) {
        std::optional<std::vector<std::string>> found;
        try {
            found = barometre::project::list_files(one.in, one.folders, one.extensions,
                                                   [](const std::string &, const error &) {});
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
        }
        if (found != one.found)
            return changing("Files came or went in folder " +
                            text::quoted(one.folders.empty() ? "" : one.in->full(one.folders.front())) +
                            " while the project was read.");
    }
    return std::nullopt;
}

std::vector<std::string> sightings::left_locks() const {
    std::vector<std::string> out;
    for (const root &in : roots_)
        if (git_state_of(*in) == git_state::gone)
            out.push_back(in->full(git_lock));
    return out;
}

} // namespace barometre::project
