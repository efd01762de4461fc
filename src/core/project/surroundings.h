#pragma once

#include "core/file/root.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace barometre::jinja {
class macro_library;
}

namespace barometre::project {

/// The folder that files of taps lie in, as far as a project must know it.
struct data_folder {
    std::vector<std::string> paths{}; ///< of it, absolute: as it is set, and through no link; none: not set
    std::function<std::string(const std::string &path)> resolve{}; ///< an absolute path through no link, if it is there
    std::function<bool(const std::string &path)> has_folder{};     ///< below it
};

/// What a project's files do not say themselves.
struct surroundings {
    std::string database{};                                 ///< where the project is; empty: not known
    std::string target_schema{};                            ///< in the place of the one that the files say; empty: none
    std::shared_ptr<const jinja::macro_library> packages{}; ///< that come with barometre; null: none
    data_folder data{};
    /// Opens a folder outside of the project, given as the file says it, or refuses to. Empty: none may be outside.
    std::function<std::shared_ptr<const file::root>(const std::string &path)> outside{};
    /// Called when all files were read, before it is seen whether they changed meanwhile.
    std::function<void()> was_read{};
    /// Waits before they are read again, because they did. Empty: they are read at once.
    std::function<void(int milliseconds)> wait{};
    /// What each properties file described when it could be read: its nodes.
    std::map<std::string, std::vector<std::string>> described{};
};

} // namespace barometre::project
