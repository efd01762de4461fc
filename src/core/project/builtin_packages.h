#pragma once

#include "core/file/root.h"
#include "core/jinja/macro_library.h"

namespace barometre::project {

/// The macros of the packages that come with barometre: those in <package>/macros below the folder. Throws when one of
/// them can't be read, which is no fault of a project's.
std::shared_ptr<const jinja::macro_library> read_builtin_packages(const std::shared_ptr<const file::root> &folder);

} // namespace barometre::project
