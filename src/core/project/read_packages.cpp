#include "core/project/dbt/packages.h"
#include "core/project/reader.h"
#include "core/project/templates.h"

#include <algorithm>

/// The packages of a dbt project, as `dbt deps` left them: nothing is ever downloaded.
namespace barometre::project {

std::shared_ptr<findings> reader::findings_for(const std::string &file) const {
    return &package_of(file) == &packages_.front() ? p_.found : std::make_shared<findings>();
}

/// What packages.yml and dependencies.yml in a folder ask for.
std::vector<dbt::package_entry> reader::wanted_packages(const std::string &folder, const jinja::callbacks &context) {
    std::vector<dbt::package_entry> out;
    for (const char *name : {"packages.yml", "dependencies.yml"}) {
        const std::string file = dbt::below(folder, name);
        const auto [root, path] = p_.locate(file);
        if (seen_.is_there(root, path))
            attempt("file", file, {file, 0}, [&, file = file] {
                yaml_map top = yaml_map::parse(text_of(file), file, *p_.spending, findings_for(file));
                dbt::render_values(top, context);
                for (dbt::package_entry &one : dbt::read_package_entries(top))
                    out.push_back(std::move(one));
            });
    }
    return out;
}

/// It comes with barometre, or has been read.
bool reader::is_installed(const dbt::package_entry &wanted) const {
    return (wanted.local.empty() && around_.packages && around_.packages->has_package(wanted.name)) ||
           std::any_of(packages_.begin(), packages_.end(), [&](const package &known) {
               return known.name == wanted.name ||
                      known.folder == dbt::below(packages_.front().file->packages, wanted.name);
           });
}

void reader::read_packages() {
    const std::vector<dbt::package_entry> wanted = wanted_packages(dbt_folder_, template_context(p_));
    const auto [root, install] = p_.locate(dbt()->packages + "/");
    for (const std::string &folder : seen_.list_folders(root, install.substr(0, install.size() - 1)))
        read_package(dbt::below(dbt()->packages, folder), {dbt()->file, 0});
    for (const dbt::package_entry &one : wanted) {
        if (is_installed(one))
            continue;
        if (!one.local.empty()) {
            read_package(dbt::below(dbt_folder_, one.local), one.at);
            if (packages_.back().at != one.at)
                missing_packages_.insert(one.name);
        } else if (missing_packages_.insert(one.name).second) {
            p_.found->add({"package", one.name, "not installed", one.at,
                           "Run dbt deps, or copy what it has of macros into macros/.", true});
        }
    }
    for (std::size_t i = 1; i < packages_.size(); ++i) // what a package lacks is told where it is used
        for (const dbt::package_entry &one :
             wanted_packages(packages_[i].folder, template_context(p_, nullptr, packages_[i].name)))
            if (!is_installed(one))
                missing_packages_.insert(one.name);
}

void reader::read_package(const std::string &given, const place &at) {
    const std::string folder = folder_named(given), file = dbt::below(folder, "dbt_project.yml");
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
