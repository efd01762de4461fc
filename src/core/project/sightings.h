#pragma once

#include "core/error.h"
#include "core/project/project_files.h"

#include <map>
#include <optional>
#include <set>

namespace barometre::project {

/// What one reading of a project sees of its files. When all of it is still so at the end, they were as they were read
/// at one moment; else the project would be half of one state and half of another.
class sightings {
public:
    using root = std::shared_ptr<const file::root>;
    using refusal = std::function<void(const std::string &file, const error &)>;

    // As the functions of those names in project_files.h
    std::string read_text(const root &in, const std::string &file);
    bool is_there(const root &in, const std::string &file);
    std::vector<std::string> list_files(const root &in, const std::vector<std::string> &folders,
                                        const std::vector<std::string> &extensions, const refusal &refused);

    std::vector<std::string> list_folders(const root &in, const std::string &folder);

    /// What has changed since, or is just being changed by git, as an error (busy); nothing: all is as it was.
    std::optional<error> change() const;
    std::vector<std::string> left_locks() const; ///< of git, which hold up nothing any more

private:
    using sight = std::optional<file::entry>; ///< nothing: it can't be looked at
    struct sighted_list {
        root in;
        std::vector<std::string> folders, extensions;
        std::optional<std::vector<std::string>> found; ///< nothing: it can't be listed
    };
    static sight look(const file::root &in, const std::string &file);
    const file::entry *see(const root &in, const std::string &file); ///< none: it was seen before, or can't be
    /// The same for many of a folder, one after the other: it is gone to once.
    class near_looks;

    std::set<root> roots_;
    std::map<std::pair<root, std::string>, sight> files_; ///< as they were before they were read
    std::vector<sighted_list> lists_;
    std::map<std::pair<root, std::string>, std::vector<std::string>> folders_; ///< what list_folders() gave
};

} // namespace barometre::project
