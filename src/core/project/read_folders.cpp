#include "core/error.h"
#include "core/project/dbt/docs_blocks.h"
#include "core/project/project_files.h"
#include "core/project/read_parts.h"
#include "core/project/reader.h"
#include "core/project/scanning.h"
#include "core/project/snapshot_config.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <algorithm>
#include <filesystem>

namespace barometre::project {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_project = std::size_t{256} << 20;

yaml_map nothing_in(const std::string &file, const std::string &what, const std::shared_ptr<findings> &found) {
    return yaml_map(YAML::Node(YAML::NodeType::Map), file, what, 0, found);
}

} // namespace

const reader::package &reader::package_of(const std::string &file) const {
    const package *found = &packages_.front();
    for (const package &one : packages_) { // it is asked for each file, and there may be thousands
        const std::size_t size = one.folder.size();
        if (size > found->folder.size() && size < file.size() && file[size] == '/' && file.starts_with(one.folder))
            found = &one;
    }
    return *found;
}

reader::package &reader::package_of(const std::string &file) {
    return const_cast<package &>(std::as_const(*this).package_of(file));
}

std::string reader::folder_of(const std::string &file) const {
    return folder_below(package_of(file).folders.of_models(), file);
}

std::string reader::folder_below(const std::vector<std::string> &folders, const std::string &file) {
    for (const std::string &folder : folders)
        if (const fs::path below = fs::path(file).lexically_relative(fs::path(folder).lexically_normal());
            !below.empty() && *below.begin() != "..")
            return below.parent_path().string();
    return "";
}

std::vector<std::string> reader::files(const folders_of &which, const std::vector<std::string> &extensions,
                                       const std::string &kind) {
    std::vector<std::string> out;
    for (const package &one : packages_) {
        const std::vector<std::string> some = files_in(one, which, extensions, kind);
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

std::vector<std::string> reader::files_in(const package &in, const folders_of &which,
                                          const std::vector<std::string> &extensions, const std::string &kind) {
    // By the folder that is open, and the name it has in the project.
    std::map<std::pair<std::shared_ptr<const file::root>, std::string>, std::vector<std::string>> by_root;
    for (const std::string &folder : which(in.folders)) {
        const auto [root, path] = p_.locate(folder + "/");
        const std::string prefix = (folder + "/").substr(0, folder.size() + 1 - path.size());
        by_root[{root, prefix}].push_back(path.empty() ? "." : path.substr(0, path.size() - 1));
    }
    std::vector<std::string> out;
    for (const auto &[where, folders] : by_root) {
        const std::string &prefix = where.second;
        const auto refused = [&](const std::string &file, const error &why) {
            const std::string shown = prefix + file;
            refuse(kind, kind == "file" ? shown : fs::path(file).stem().string(), {shown, 0}, why);
            unread_.insert(shown);
        };
        for (const std::string &file : seen_.list_files(where.first, folders, extensions, refused))
            out.push_back(prefix + file);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end()); // one of the folders may lie in another
    std::erase_if(out, [&](const std::string &file) {
        return &package_of(file) != &in ||
               std::any_of(in.folders.never.begin(), in.folders.never.end(),
                           [&](const std::string &folder) { return file.starts_with(folder + "/"); });
    });
    return out;
}

std::string reader::text_of(const std::string &file) {
    everything_ += file + '\0';
    const auto [root, path] = p_.locate(file);
    std::string text = seen_.read_text(root, path);
    everything_ += text + '\0';
    if (everything_.size() > largest_project)
        throw error(sqlstate::project_invalid, "the files of the project are larger than 256 MiB together", "",
                    "Keep there only what belongs to the project.");
    return text;
}

void reader::read_macros() {
    auto library = around_.packages ? std::make_shared<jinja::macro_library>(*around_.packages)
                                    : std::make_shared<jinja::macro_library>();
    library->name_project(p_.package);
    for (const package &one : packages_)
        library->add_package(one.name);
    for (const std::string &name : missing_packages_)
        library->miss_package(name);
    if (dbt())
        for (const auto &[package, order] : dbt()->search_orders)
            library->set_search_order(package, order);
    for (const std::string &file : files(&dbt::folders::of_macros, {".sql"})) {
        std::string text;
        if (!attempt("file", file, {file, 0}, [&] {
                text = text_of(file);
                library->add(text, file, package_of(file).name);
            }))
            lose_macros(file, text);
    }
    p_.macros = std::move(library);
    tests_.context = template_context(p_);
}

/// Who calls a macro of a file that can't be read is blocked by that, and is no problem of its own.
void reader::lose_macros(const std::string &file, const std::string &text) {
    const std::string &package = package_of(file).name, prefix = package.empty() ? "" : package + ".";
    for (const auto &[word, name] : blocks_in(text, {"macro", "test"}))
        macros_lost_.emplace(word == "test" ? "test_" + name : prefix + name, file);
}

void reader::read_docs() {
    auto docs = std::make_shared<std::map<std::string, std::string>>();
    for (const std::string &file : files(&dbt::folders::of_properties, {".md"}))
        attempt("file", file, {file, 0}, [&] {
            const std::string text = text_of(file);
            if (text.find("{%") != std::string::npos)
                dbt::read_docs_blocks(text, file, package_of(file).name, *docs);
        });
    docs_ = docs;
}

void reader::read_seed_files() {
    p_.seed_folders = packages_.front().folders.seeds;
    for (const std::string &file : files(&dbt::folders::seeds, {".csv"}, "seed")) {
        const std::string name = fs::path(file).stem().string();
        everything_ += file + '\0';
        attempt("seed", name, {file, 0}, [&] {
            seed *known = p_.seeds.find(name);
            if (!known) {
                check_name(nothing_in(file, "the seed", p_.found), "seed", name, {file, 0});
                seed one;
                one.name = name;
                one.at = {file, 0};
                known = &*p_.seeds.insert(p_.seeds.end(), one);
            } else if (!known->file.empty()) {
                twice("seed \"" + name + "\"", known->file, file);
            }
            known->file = file;
            known->package = package_of(file).name;
            known->pads_short = dbt().has_value(); // as dbt reads them
        });
    }
}

void reader::add(model m) {
    m.folder = folder_of(m.file);
    m.package = package_of(m.file).name;
    attempt(m.kind(), m.name, {m.file, m.line}, [&] {
        check_name(nothing_in(m.file, "the " + m.kind(), p_.found), m.kind(), m.name, {m.file, m.line});
        if (const model *other = p_.find_model(m.name))
            twice(m.kind() == other->kind() ? m.kind() + " \"" + m.name + "\""
                                            : "\"" + m.name + "\" (a model and a snapshot)",
                  place{other->file, other->line}.text(), place{m.file, m.line}.text());
        if (const seed *other = p_.find_seed(m.name))
            twice("\"" + m.name + "\" (a seed and a " + m.kind() + ")",
                  other->file.empty() ? other->at.text() : other->file, place{m.file, m.line}.text());
    });
    if (!p_.find_model(m.name) && !p_.find_seed(m.name))
        p_.models.push_back(std::move(m));
}

void reader::read_models() {
    for (const std::string &file : files(&dbt::folders::models, {".sql"}, "model")) {
        model m;
        m.name = fs::path(file).stem().string();
        m.file = file;
        attempt("model", m.name, {file, 0}, [&] { m.source = text_of(file); });
        add(std::move(m));
    }
    for (const std::string &file : files(&dbt::folders::models, {".py"}))
        attempt("model", fs::path(file).stem().string(), {file, 0}, [&] {
            throw error(sqlstate::project_invalid, file + ": a model in Python is not supported",
                        "PostgreSQL would have to run it.",
                        "Write it in SQL, or let it write a table that is a source.");
        });
    for (const std::string &file : files(&dbt::folders::snapshots, {".sql"})) {
        std::string text;
        const bool is_read = attempt("file", file, {file, 0}, [&] {
            text = text_of(file);
            for (model &m : read_snapshot_blocks(text, file))
                add(std::move(m));
        });
        if (!is_read)
            for (const auto &[word, name] : blocks_in(text, {"snapshot"}))
                block(word, name, file, file + " can't be read", true);
    }
}

} // namespace barometre::project
