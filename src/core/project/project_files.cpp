#include "core/project/project_files.h"
#include "core/error.h"

#include <algorithm>
#include <filesystem>

namespace barometre::project {

namespace fs = std::filesystem;

std::vector<std::string> list_files(const std::string &directory, const std::vector<std::string> &folders,
                                    const std::vector<std::string> &extensions) {
    const fs::path root = directory;
    std::vector<std::string> out;
    for (const std::string &folder : folders) {
        const fs::path start = root / folder;
        std::error_code code;
        if (!fs::is_directory(start, code))
            continue;
        for (fs::recursive_directory_iterator it(start, code), end; !code && it != end; it.increment(code)) {
            const std::string name = it->path().filename().string();
            if (name.starts_with('.')) {
                if (it->is_directory(code))
                    it.disable_recursion_pending();
                continue;
            }
            if (!it->is_regular_file(code) ||
                std::find(extensions.begin(), extensions.end(), it->path().extension()) == extensions.end())
                continue;
            const std::string real = fs::weakly_canonical(it->path()).string();
            if (!real.starts_with(directory + "/"))
                throw error(sqlstate::bad_file, "\"" + it->path().string() + "\" lies outside the project",
                            "It is a symbolic link to \"" + real + "\".", "Put the file itself into the project.");
            out.push_back(fs::relative(it->path(), root).string());
        }
        if (code)
            throw error(sqlstate::bad_file, "could not list folder \"" + start.string() + "\": " + code.message(), "",
                        "Let the operating system's user of the server read the project.");
    }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace barometre::project
