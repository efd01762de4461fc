#pragma once

#include "core/file/root.h"

#include <string>

/// What git keeps below a project's folder, where that is the top of a repository: a folder .git. Of one above it
/// nothing is known.
namespace barometre::project {

inline constexpr char git_lock[] = ".git/index.lock"; ///< is there while git changes files

enum class git_state {
    idle,
    at_work, ///< files may change
    gone     ///< its lock is older than ten minutes: a git that was killed left it, or one that waits for its user
};
git_state git_state_of(const file::root &folder);

/// The commit that is checked out, in hexadecimal; empty: not known. Files may have been edited since.
std::string git_commit(const file::root &folder);

} // namespace barometre::project
