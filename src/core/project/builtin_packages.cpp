#include "core/project/builtin_packages.h"
#include "core/project/project_files.h"
#include "core/project/scanning.h"

namespace barometre::project {

std::shared_ptr<const jinja::macro_library> read_builtin_packages(const std::shared_ptr<const file::root> &folder) {
    auto out = std::make_shared<jinja::macro_library>();
    for (const std::string &file : list_files(folder, {"."}, {".sql"})) {
        std::string text = read_text(*folder, file);
        std::vector<std::string> names;
        for (const auto &[word, name] : blocks_in(text, {"macro", "test"}))
            names.push_back((word == "test" ? "test_" : "") + name);
        out->add_built_in(std::move(text), "packages/" + file, file.substr(0, file.find('/')), names);
    }
    return out;
}

} // namespace barometre::project
