#pragma once

#include <string>

namespace barometre::pg {

/// Defines barometre's settings; once, when the library is loaded.
void define_settings();

std::string project_directory(); ///< barometre.project_directory, or the installed default project
std::string data_directory();    ///< barometre.data_directory; may be empty
bool wait_on_overlap();          ///< barometre.on_overlap = wait

} // namespace barometre::pg
