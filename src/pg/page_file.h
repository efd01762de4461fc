#pragma once

#include "core/file/root.h"

#include <string>
#include <string_view>

namespace barometre::pg {

/// The folder of a page's file, given below barometre.page_directory: out of that nothing is written. Throws
/// not_configured when the setting is empty, and bad_file for a folder that is not there or can't be entered.
file::folder open_page_folder(const std::string &path);

/// Puts the page in the place of that file, whole; throws bad_file, and the old one stays.
void write_page(const file::folder &folder, const std::string &path, std::string_view content);

} // namespace barometre::pg
