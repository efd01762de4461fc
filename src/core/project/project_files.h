#pragma once

#include <string>
#include <vector>

namespace barometre::project {

/// The files below folders of a project that have one of the extensions, relative to the project and in the order of
/// their names. Hidden ones are left out. Throws bad_file for a link that leads out of the project.
std::vector<std::string> list_files(const std::string &directory, const std::vector<std::string> &folders,
                                    const std::vector<std::string> &extensions);

} // namespace barometre::project
