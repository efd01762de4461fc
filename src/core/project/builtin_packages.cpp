#include "core/project/builtin_packages.h"
#include "core/project/project_files.h"

namespace barometre::project {

std::shared_ptr<const jinja::macro_library> read_builtin_packages(const std::shared_ptr<const file::root> &folder) {
    auto out = std::make_shared<jinja::macro_library>();
    for (const std::string &file : list_files(folder, {"."}, {".sql"}))
        out->add(read_text(*folder, file), "packages/" + file, file.substr(0, file.find('/')));
    out->all_are_built_in();
    return out;
}

} // namespace barometre::project
