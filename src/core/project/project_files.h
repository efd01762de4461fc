#pragma once

#include "core/error.h"
#include "core/file/root.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace barometre::project {

/// The files below folders of a project that have one of the extensions, relative to the project and in the order of
/// their names. Hidden ones are left out, and so are links to folders. For what has such an extension and is no regular
/// file of the project, `refused` is called with the error (bad_file); without it, that is thrown.
std::vector<std::string> list_files(const std::shared_ptr<const file::root> &project,
                                    const std::vector<std::string> &folders, const std::vector<std::string> &extensions,
                                    const std::function<void(const std::string &file, const error &)> &refused = {});

/// The folders that lie directly in one, by their names in order: no hidden ones and no links. None: it is not there.
std::vector<std::string> list_folders(const std::shared_ptr<const file::root> &project, const std::string &folder);

/// Whether something has that name, be it readable or not.
bool is_there(const file::root &project, const std::string &file);

/// Refuses, as project_invalid, what is not wholly text in UTF-8, which PostgreSQL would keep and no dump of it could
/// be restored. `shown`: whose text it is.
void check_text(std::string_view text, const std::string &shown);

/// Reads a whole file of the project: YAML of at most 1 MiB, anything else of 16 MiB; a byte order mark is passed over.
/// Throws bad_file, and project_invalid when it is larger or not text.
std::string read_text(const file::root &project, const std::string &file);
std::string read_text(const file::root &project, const std::string &file, const file::entry &found); ///< by its look()

} // namespace barometre::project
