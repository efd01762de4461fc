#include "pg/page_file.h"
#include "core/text/text.h"
#include "pg/identity.h"
#include "pg/settings.h"
#include "pg/spi.h"

namespace barometre::pg {

namespace {

constexpr const char *setting_name = "barometre.page_directory";

/// The folder in a path, and the name.
std::pair<std::string, std::string> cut_path(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::pair(std::string(), path)
                                      : std::pair(path.substr(0, slash), path.substr(slash + 1));
}

error not_written(const std::string &path, const file::failure &e) {
    return error(sqlstate::bad_file, "could not write page \"" + path + "\": " + e.clause,
                 e.why == file::failure::reason::outside
                     ? "It leads out of " + std::string(setting_name) + ", to \"" + e.target + "\"."
                     : "",
                 "The folder must lie below " + std::string(setting_name) +
                     ", and the operating system's user of the server must be allowed to write into it.");
}

} // namespace

file::folder open_page_folder(const std::string &path) {
    const std::string directory = page_directory();
    if (directory.empty())
        throw error(sqlstate::not_configured, std::string(setting_name) + " is not set, so no page is written", "",
                    "As a superuser: ALTER DATABASE " + quote_identifier(database_name()) + " SET " + setting_name +
                        " = '/path/to/the/pages'; then connect again.");
    std::shared_ptr<const file::root> root;
    try {
        root = file::root::open(directory);
    } catch (const file::failure &e) {
        throw error(sqlstate::bad_file, std::string(setting_name) + " \"" + directory + "\": " + e.clause, "",
                    std::string("Create the folder, let the server's user write into it, or set ") + setting_name +
                        " to another one.");
    }
    try {
        return file::folder(root, cut_path(path).first);
    } catch (const file::failure &e) {
        throw not_written(path, e);
    }
}

void write_page(const file::folder &folder, const std::string &path, std::string_view content) {
    try {
        folder.replace(cut_path(path).second, content);
    } catch (const file::failure &e) {
        throw not_written(path, e);
    }
}

} // namespace barometre::pg
