#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/dependencies.h"
#include "core/project/job_config.h"
#include "core/project/model_config.h"
#include "core/project/project_files.h"
#include "core/project/read_parts.h"
#include "core/project/registered.h"
#include "core/project/schema_use.h"
#include "core/project/seed_config.h"
#include "core/project/snapshot_config.h"
#include "core/project/templates.h"
#include "core/text/hash.h"

#include <algorithm>
#include <filesystem>

namespace barometre::project {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_project = std::size_t{256} << 20;

/// Reads one project: what is shared between the parts of the work.
class reader {
public:
    reader(std::shared_ptr<const file::root> folder, const std::vector<registration> &registered)
        : registered_(registered) {
        p_.folder = std::move(folder);
    }
    project read();

private:
    struct paths {
        std::vector<std::string> models{"models"}, seeds{"seeds"}, tests{"tests"}, functions{"functions"},
            macros{"macros"}, snapshots{"snapshots"};
    };

    void read_settings(yaml_map &top);
    void read_taps(yaml_map &top);
    void read_declared_seeds(yaml_map &top);
    void read_properties(yaml_map &top);
    void describe(yaml_map &map, const std::string &kind);
    void read_macros();
    void read_models();
    void read_snapshots(std::vector<yaml_map> &properties);
    void add(model m);
    void read_seed_files();
    void finish();

    std::vector<std::string> files(const std::vector<std::string> &folders,
                                   const std::vector<std::string> &extensions) const {
        return list_files(p_.folder, folders, extensions);
    }
    std::string folder_of(const std::string &file) const; ///< below the models or snapshots folder
    std::vector<std::string> generic_tests() const;       ///< folders with the project's own generic tests
    std::string text_of(const std::string &file);
    [[noreturn]] void missing(const yaml_map &at, const std::string &name, const std::vector<std::string> &known) const;
    [[noreturn]] void twice(const std::string &what, const std::string &one, const std::string &other) const {
        throw error(sqlstate::project_invalid, other + ": " + what + " is there twice",
                    "It was found before in " + one + ".", "Rename or remove one of them.");
    }

    const std::vector<registration> &registered_;
    project p_;
    paths paths_;
    test_rules tests_;
    std::string everything_; ///< names and contents, for the hash
};

std::string reader::folder_of(const std::string &file) const {
    std::vector<std::string> folders = paths_.models;
    folders.insert(folders.end(), paths_.snapshots.begin(), paths_.snapshots.end());
    for (const std::string &folder : folders)
        if (const fs::path below = fs::path(file).lexically_relative(fs::path(folder).lexically_normal());
            !below.empty() && *below.begin() != "..")
            return below.parent_path().string();
    return "";
}

std::vector<std::string> reader::generic_tests() const {
    std::vector<std::string> out;
    for (const std::string &folder : paths_.tests)
        out.push_back(folder + "/generic");
    return out;
}

std::string reader::text_of(const std::string &file) {
    std::string text = read_text(*p_.folder, file);
    everything_ += file + '\0' + text + '\0';
    if (everything_.size() > largest_project)
        throw error(sqlstate::project_invalid, "the files of the project are larger than 256 MiB together", "",
                    "Keep there only what belongs to the project.");
    return text;
}

void reader::read_settings(yaml_map &top) {
    if (!top.has("version"))
        top.fail(top.at(), "the file lacks the key \"version\"", "", "Begin the file with: version: 1");
    if (top.integer("version", 1) != 1)
        top.fail(top.at("version"), "key \"version\" must be 1");
    p_.name = top.text("name");
    p_.timezone = top.text("timezone", p_.timezone);
    p_.date_order = read_date_order(top);
    yaml_map where = top.map("paths", "paths");
    auto folders = [&](const char *key, std::vector<std::string> &into) {
        if (where.has(key))
            into = where.texts(key);
        for (const std::string &f : into)
            if (f.starts_with('/') || f.find("..") != std::string::npos)
                where.fail(where.at(key), "folder \"" + f + "\" must lie in the project");
    };
    folders("models", paths_.models);
    folders("seeds", paths_.seeds);
    folders("tests", paths_.tests);
    folders("functions", paths_.functions);
    folders("macros", paths_.macros);
    folders("snapshots", paths_.snapshots);
    where.finish();
    yaml_map vars = top.map("vars", "vars");
    for (const auto &entry : vars.node())
        (*p_.vars)[entry.first.Scalar()] = template_value(entry.second);
    yaml_map tests = top.map("tests", "tests");
    read_test_config(tests, tests_.defaults);
    p_.test_samples = tests.integer("samples", p_.test_samples);
    tests.finish();
    yaml_map roles = top.map("roles", "roles");
    p_.roles.loader = roles.text("loader", "");
    p_.roles.readers = roles.texts("readers");
    roles.finish();
}

void reader::read_taps(yaml_map &top) {
    stream defaults;
    defaults.date_order = p_.date_order;
    defaults.timezone = p_.timezone;
    yaml_map given = top.map("stream_defaults", "stream_defaults");
    read_stream_options(given, defaults, tests_);
    given.finish();
    if (defaults.format == record_format::singer)
        given.fail(given.at("format"), "format: singer  is said at a tap");
    for (yaml_map &t : top.maps("taps", "tap")) {
        tap one;
        one.name = t.text("name");
        one.at = t.at();
        one.description = t.text("description", "");
        check_name(t, "tap", one.name);
        if (const tap *other = p_.find_tap(one.name))
            twice("tap \"" + one.name + "\"", other->at.text(), one.at.text());
        one.settings = defaults;
        one.settings.tap = one.name;
        one.settings.at = t.at();
        read_tap_options(t, one);
        for (yaml_map &s : one.discovers ? std::vector<yaml_map>() : t.maps("streams", "stream")) {
            stream read = read_stream(s, one.name, one.settings, tests_);
            for (const stream &other : one.streams)
                if (other.name == read.name)
                    twice("stream \"" + read.name + "\" of tap \"" + one.name + "\"", other.at.text(), read.at.text());
            one.streams.push_back(std::move(read));
        }
        t.finish();
        p_.taps.push_back(std::move(one));
    }
    add_registered_streams(p_, registered_, defaults, tests_);
    add_discovered_streams(p_, registered_);
}

void reader::read_declared_seeds(yaml_map &top) {
    for (yaml_map &s : top.maps("seeds", "seed")) {
        seed one;
        one.name = s.text("name");
        one.at = s.at();
        check_name(s, "seed", one.name);
        read_seed(s, one, tests_);
        if (const seed *other = p_.find_seed(one.name))
            twice("seed \"" + one.name + "\"", other->at.text(), one.at.text());
        p_.seeds.push_back(std::move(one));
    }
}

void reader::read_seed_files() {
    for (const std::string &file : files(paths_.seeds, {".csv"})) {
        const std::string name = fs::path(file).stem().string();
        everything_ += file + '\0';
        auto known = std::find_if(p_.seeds.begin(), p_.seeds.end(), [&](const seed &s) { return s.name == name; });
        if (known == p_.seeds.end()) {
            seed one;
            one.name = name;
            one.at = {file, 0};
            check_name(yaml_map(YAML::Node(YAML::NodeType::Map), file, "the seed"), "seed", name);
            known = p_.seeds.insert(p_.seeds.end(), one);
        } else if (!known->file.empty()) {
            twice("seed \"" + name + "\"", known->file, file);
        }
        known->file = file;
    }
}

void reader::read_macros() {
    auto library = std::make_shared<jinja::macro_library>();
    std::vector<std::string> folders = generic_tests();
    folders.insert(folders.end(), paths_.macros.begin(), paths_.macros.end());
    std::vector<std::string> all = files(folders, {".sql"});
    all.erase(std::unique(all.begin(), all.end()), all.end()); // one of the folders may lie in another
    for (const std::string &file : all)
        library->add(text_of(file), file);
    p_.macros = std::move(library);
    tests_.context = template_context(p_);
}

void reader::add(model m) {
    m.folder = folder_of(m.file);
    check_name(yaml_map(YAML::Node(YAML::NodeType::Map), m.file, "the " + m.kind()), m.kind(), m.name,
               {m.file, m.line});
    if (const model *other = p_.find_model(m.name))
        twice(m.kind() == other->kind() ? m.kind() + " \"" + m.name + "\""
                                        : "\"" + m.name + "\" (a model and a snapshot)",
              place{other->file, other->line}.text(), place{m.file, m.line}.text());
    if (const seed *other = p_.find_seed(m.name))
        twice("\"" + m.name + "\" (a seed and a " + m.kind() + ")",
              other->file.empty() ? other->at.text() : other->file, place{m.file, m.line}.text());
    p_.models.push_back(std::move(m));
}

void reader::read_models() {
    for (const std::string &file : files(paths_.models, {".sql"})) {
        model m;
        m.name = fs::path(file).stem().string();
        m.file = file;
        m.source = text_of(file);
        add(std::move(m));
    }
}

void reader::read_snapshots(std::vector<yaml_map> &properties) {
    for (const std::string &file : files(paths_.snapshots, {".sql"}))
        for (model &m : read_snapshot_blocks(text_of(file), file))
            add(std::move(m));
    for (yaml_map &top : properties)
        for (yaml_map &entry : top.maps("snapshots", "snapshot"))
            if (entry.has("relation"))
                add(read_snapshot_entry(entry));
}

void reader::missing(const yaml_map &at, const std::string &name, const std::vector<std::string> &known) const {
    const std::string near = name::nearest(name, known);
    at.fail(at.at(), at.what() + " is not in the project", "",
            near.empty() ? "Correct the name." : "Did you mean \"" + near + "\"?");
}

/// An entry of `models:` or `snapshots:` in a properties file.
void reader::describe(yaml_map &map, const std::string &kind) {
    const std::string name = map.text("name");
    auto found = std::find_if(p_.models.begin(), p_.models.end(), [&](const model &one) { return one.name == name; });
    std::vector<std::string> known;
    for (const model &one : p_.models)
        if (one.kind() == kind)
            known.push_back(one.name);
    if (found != p_.models.end() && found->kind() != kind)
        map.fail(map.at(), map.what() + " is a " + found->kind(), "", "Describe it under \"" + found->kind() + "s:\".");
    if (found == p_.models.end())
        missing(map, name, known);
    if (found->is_snapshot())
        map.has("relation"); // read before
    found->description = map.text("description", found->description);
    merge_columns(found->columns, read_columns(map, false, tests_));
    for (const generic_test &t : read_tests(map, "", tests_))
        found->tests.push_back(t);
    read_model_config(map, *found);
    yaml_map config = map.map("config", "config of " + map.what());
    read_model_config(config, *found);
    config.finish();
    map.finish();
}

void reader::read_properties(yaml_map &top) {
    top.integer("version", 2);
    for (yaml_map &m : top.maps("models", "model"))
        describe(m, "model");
    for (yaml_map &s : top.maps("snapshots", "snapshot"))
        describe(s, "snapshot");
    for (yaml_map &s : top.maps("seeds", "seed")) {
        const std::string name = s.text("name");
        auto found = std::find_if(p_.seeds.begin(), p_.seeds.end(), [&](const seed &one) { return one.name == name; });
        if (found == p_.seeds.end()) {
            std::vector<std::string> known;
            for (const seed &one : p_.seeds)
                known.push_back(one.name);
            missing(s, name, known);
        }
        read_seed(s, *found, tests_);
    }
    for (yaml_map &t : top.maps("sources", "source")) {
        const std::string tap_name = t.text("name");
        t.text("description", "");
        for (yaml_map &s : t.maps("tables", "table")) {
            const std::string name = s.text("name");
            stream *found = nullptr;
            std::vector<std::string> known;
            add_discovered_stream(p_, tap_name, name);
            for (tap &one : p_.taps)
                for (stream &candidate : one.streams) {
                    known.push_back(candidate.name);
                    if (one.name == tap_name && candidate.name == name)
                        found = &candidate;
                }
            if (!found)
                missing(s, name, known);
            found->description = s.text("description", found->description);
            merge_columns(found->columns, read_columns(s, false, tests_));
            for (const generic_test &test : read_tests(s, "", tests_))
                found->tests.push_back(test);
            s.finish();
        }
        t.finish();
    }
    top.finish();
}

void reader::finish() {
    for (model &m : p_.models) {
        m.date_order = p_.date_order;
        apply_config(m, template_context(p_, &m));
    }
    set_disabled_apart(p_);
    check_materializations(p_);
    for (const model &m : p_.models)
        if (m.is_snapshot())
            check_snapshot_config(m);
    check_relations(p_);
    tests_.context = template_context(p_); // the schema is known now
    const std::vector<std::string> generic = files(generic_tests(), {".sql"});
    for (const std::string &file : files(paths_.tests, {".sql"})) {
        if (std::binary_search(generic.begin(), generic.end(), file))
            continue;
        singular_test t;
        t.name = fs::path(file).stem().string();
        t.file = file;
        t.source = text_of(file);
        t.config = tests_.defaults;
        if (!apply_test_config(t, tests_))
            continue;
        refuse_taken(p_, t);
        p_.tests.push_back(std::move(t));
    }
    add_registered_tests(p_, registered_, tests_);
    for (const std::string &file : files(paths_.functions, {".sql"}))
        p_.functions.push_back({file, text_of(file)});
    add_discovered_sources(p_);
    find_test_reads(p_);
    dependencies_with_tests(p_).order(); // refuses what refers to nothing, and circles
    p_.hash = text::hash(everything_);
}

project reader::read() {
    for (const registration &r : registered_)
        check_registered(r);
    const std::string file = "barometre.yml";
    if (!is_there(*p_.folder, file))
        throw error(
            sqlstate::bad_file, "there is no barometre.yml in \"" + p_.folder->path() + "\"", "",
            "Set barometre.project_directory to the folder of the project, or call baro_load_project() with it.");
    yaml_map top = yaml_map::parse(text_of(file), file, *p_.spending);
    read_settings(top);
    read_macros(); // tests of what follows may be among them
    read_taps(top);
    read_declared_seeds(top);
    yaml_map of_models = top.map("models", "models"), of_snapshots = top.map("snapshots", "snapshots");
    std::vector<yaml_map> jobs = top.maps("jobs", "job");
    top.finish();
    read_seed_files();
    read_models();
    std::vector<yaml_map> properties;
    std::vector<std::string> folders = paths_.models;
    folders.insert(folders.end(), paths_.snapshots.begin(), paths_.snapshots.end());
    folders.insert(folders.end(), paths_.seeds.begin(), paths_.seeds.end());
    for (const std::string &yaml : files(folders, {".yml", ".yaml"}))
        properties.push_back(yaml_map::parse(text_of(yaml), yaml, *p_.spending));
    read_snapshots(properties);
    add_registered_models(p_, registered_);
    read_folder_config(of_models, of_snapshots, p_);
    for (yaml_map &one : properties)
        read_properties(one);
    for (yaml_map &one : registered_properties(p_, registered_))
        describe(one, "model");
    everything_ += hashed_text(registered_);
    read_jobs(jobs, p_);
    finish();
    return std::move(p_);
}

} // namespace

project read_project(std::shared_ptr<const file::root> folder, const std::vector<registration> &registered,
                     schema_names schemas) {
    project p = reader(std::move(folder), registered).read();
    if (schemas == schema_names::refused)
        for (const schema_use &use : schema_uses(p))
            if (const std::string why = reserved_for(use.schema); !why.empty() && !is_registered(use.at.file))
                throw refused_schema(use, why);
    return p;
}

} // namespace barometre::project
