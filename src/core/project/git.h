#pragma once

#include "core/file/root.h"

#include <string>

/// What git keeps below a project's folder, where that is the top of a repository: a folder .git. Of one above it
/// nothing is known.
namespace barometre::project {

inline constexpr char git_lock[] = ".git/index.lock"; ///< is there while git changes files

bool is_git_at_work(const file::root &folder);

/// The commit that is checked out, in hexadecimal; empty: not known. Files may have been edited since.
std::string git_commit(const file::root &folder);

} // namespace barometre::project
