#pragma once

#include "core/project/project.h"

namespace barometre::project {

struct exported_file {
    std::string path; ///< relative to the project folder
    std::string text;
};

/// What is registered as files that, laid into the project's folder, say the same: barometre.yml with the streams,
/// models with their properties, and tests.
std::vector<exported_file> export_registered(const project &p, const std::vector<registration> &registered);

} // namespace barometre::project
