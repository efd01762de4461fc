#include "core/project/dbt/packages.h"
#include "core/project/reader.h"
#include "core/project/templates.h"

#include <algorithm>

/// The packages of a dbt project, as `dbt deps` left them: nothing is ever downloaded.
namespace barometre::project {

std::shared_ptr<findings> reader::findings_for(const std::string &file) const {
    return &package_of(file) == &packages_.front() ? p_.found : std::make_shared<findings>();
}

void reader::read_packages() {
    std::vector<dbt::package_entry> wanted;
    for (const char *name : {"packages.yml", "dependencies.yml"}) {
        const std::string file = dbt::below(dbt_folder_, name);
        const auto [root, path] = p_.locate(file);
        if (!seen_.is_there(root, path))
            continue;
        attempt("file", file, {file, 0}, [&] {
            yaml_map top = yaml_map::parse(text_of(file), file, *p_.spending, p_.found);
            dbt::render_values(top, template_context(p_));
            for (dbt::package_entry &one : dbt::read_package_entries(top))
                wanted.push_back(std::move(one));
        });
    }
    const auto [root, install] = p_.locate(dbt()->packages + "/");
    for (const std::string &folder : seen_.list_folders(root, install.substr(0, install.size() - 1)))
        read_package(dbt::below(dbt()->packages, folder), {dbt()->file, 0});
    for (const dbt::package_entry &one : wanted) {
        const auto is_there = [&](const package &known) {
            return known.name == one.name || known.folder == dbt::below(dbt()->packages, one.name);
        };
        if (std::any_of(packages_.begin(), packages_.end(), is_there))
            continue;
        if (!one.local.empty()) {
            read_package(dbt::below(dbt_folder_, one.local), one.at);
            if (std::none_of(packages_.begin(), packages_.end(),
                             [&](const package &known) { return known.at == one.at; }))
                missing_packages_.insert(one.name);
        } else if ((!around_.packages || !around_.packages->has_package(one.name)) &&
                   missing_packages_.insert(one.name).second)
            p_.found->add({"package", one.name, "not installed", one.at,
                           "Run dbt deps, or copy what it has of macros into macros/.", true});
    }
}

void reader::read_package(const std::string &given, const place &at) {
    const std::string normal = std::filesystem::path(given + "/").lexically_normal().string();
    const std::string folder = normal.substr(0, normal.find_last_not_of('/') + 1), file = folder + "/dbt_project.yml";
    attempt("file", file, at, [&] {
        open_outside(folder, at);
        const auto [root, path] = p_.locate(file);
        if (!seen_.is_there(root, path)) {
            p_.found->add({"package", given, "not read", at, "There is no dbt_project.yml in it.", true});
            return;
        }
        yaml_map top = yaml_map::parse(text_of(file), file, *p_.spending, std::make_shared<findings>());
        package one{.name = {}, .folder = folder, .folders = {}, .at = at, .file = dbt::read_project_file(top, folder)};
        one.name = one.file->name;
        one.folders = one.file->folders;
        one.folders.functions.clear(); // of barometre's own projects alone
        const auto same = std::find_if(packages_.begin(), packages_.end(),
                                       [&](const package &other) { return name_of(other) == one.name; });
        if (same != packages_.end())
            twice("package \"" + one.name + "\"", same->file->file, file);
        auto vars = std::make_shared<jinja::variables>(); // the project's count more
        for (const auto &[key, value] : one.file->vars)
            (*vars)[key] = template_value(value.first);
        for (const auto &[key, value] : *p_.vars)
            (*vars)[key] = value;
        if (const auto own = p_.vars->find(one.name); own != p_.vars->end() && own->second.is(jinja::value::kind::dict))
            for (const auto &[key, value] : own->second.entries().entries())
                if (key.is(jinja::value::kind::string))
                    (*vars)[key.text()] = value;
        p_.package_vars[one.name] = vars;
        for (const auto &[key, hooks] :
             {std::pair{"on-run-start", &one.file->on_run_start}, {"on-run-end", &one.file->on_run_end}})
            if (!hooks->empty())
                p_.found->add({"hook", one.name + "." + key, "not run", hooks->front().at,
                               "What other people's packages do at each run is not done here: if it is needed, "
                               "add it to the project's own " +
                                   std::string(key) + "."});
        packages_.push_back(std::move(one));
    });
}

} // namespace barometre::project
