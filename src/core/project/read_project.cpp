#include "core/error.h"
#include "core/name/column_name.h"
#include "core/project/dependencies.h"
#include "core/project/job_config.h"
#include "core/project/model_config.h"
#include "core/project/read_parts.h"
#include "core/project/templates.h"

#include <xxhash.h>

#include <algorithm>
#include <filesystem>

namespace barometre::project {

namespace fs = std::filesystem;

namespace {

/// Reads one project: what is shared between the parts of the work.
class reader {
public:
    explicit reader(const std::string &directory) : root_(fs::weakly_canonical(directory)) { p_.directory = root_.string(); }
    project read();

private:
    struct paths {
        std::vector<std::string> models{"models"}, seeds{"seeds"}, tests{"tests"}, functions{"functions"}, macros{"macros"};
    };

    void read_settings(yaml_map &top);
    void read_taps(yaml_map &top);
    void read_declared_seeds(yaml_map &top);
    void read_properties(const std::string &file);
    void read_macros();
    void read_models();
    void read_seed_files();
    void finish();

    /// Files below the folders, by name; hidden ones are left out.
    std::vector<std::string> files(const std::vector<std::string> &folders, const std::vector<std::string> &extensions) const;
    std::string folder_of(const std::string &file) const; ///< below the models folder
    std::string text_of(const std::string &file);
    void merge(std::vector<column> &into, const std::vector<column> &more);
    [[noreturn]] void twice(const std::string &what, const std::string &one, const std::string &other) const {
        throw error(sqlstate::project_invalid, other + ": " + what + " is there twice", "It was found before in " + one + ".",
                    "Rename or remove one of them.");
    }

    fs::path root_;
    project p_;
    paths paths_;
    severity severity_ = severity::error;
    std::string everything_; ///< names and contents, for the hash
};

/// The tags of a mapping that has nothing but tags in its `config:`.
void read_all_tags(yaml_map &map, std::vector<std::string> &tags) {
    read_tags(map, tags);
    yaml_map config = map.map("config", "config of " + map.what());
    read_tags(config, tags);
    config.finish();
}

std::vector<std::string> reader::files(const std::vector<std::string> &folders, const std::vector<std::string> &extensions) const {
    std::vector<std::string> out;
    for (const std::string &folder : folders) {
        const fs::path start = root_ / folder;
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
            if (!it->is_regular_file(code) || std::find(extensions.begin(), extensions.end(), it->path().extension()) == extensions.end())
                continue;
            const std::string real = fs::weakly_canonical(it->path()).string();
            if (!real.starts_with(root_.string() + "/"))
                throw error(sqlstate::bad_file, "\"" + it->path().string() + "\" lies outside the project",
                            "It is a symbolic link to \"" + real + "\".", "Put the file itself into the project.");
            out.push_back(fs::relative(it->path(), root_).string());
        }
        if (code)
            throw error(sqlstate::bad_file, "could not list folder \"" + start.string() + "\": " + code.message(), "",
                        "Let the operating system's user of the server read the project.");
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::string reader::folder_of(const std::string &file) const {
    for (const std::string &folder : paths_.models)
        if (const fs::path below = fs::relative(root_ / file, root_ / folder); !below.empty() && *below.begin() != "..")
            return below.parent_path().string();
    return "";
}

std::string reader::text_of(const std::string &file) {
    std::string text = read_text((root_ / file).string(), file);
    if (text.find('\0') != std::string::npos)
        throw error(sqlstate::project_invalid, file + ": the file holds a NUL byte");
    everything_ += file + '\0' + text + '\0';
    return text;
}

void reader::merge(std::vector<column> &into, const std::vector<column> &more) {
    for (const column &c : more) {
        auto same = std::find_if(into.begin(), into.end(), [&](const column &have) { return have.name == c.name; });
        if (same == into.end()) {
            into.push_back(c);
            continue;
        }
        if (same->description.empty())
            same->description = c.description;
        if (same->type.empty())
            same->type = c.type;
        same->tests.insert(same->tests.end(), c.tests.begin(), c.tests.end());
    }
}

void reader::read_settings(yaml_map &top) {
    if (!top.has("version"))
        top.fail(top.at(), "the file lacks the key \"version\"", "", "Begin the file with: version: 1");
    if (top.integer("version", 1) != 1)
        top.fail(top.at("version"), "key \"version\" must be 1");
    p_.name = top.text("name");
    p_.timezone = top.text("timezone", p_.timezone);
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
    where.finish();
    yaml_map vars = top.map("vars", "vars");
    for (const auto &entry : vars.node())
        p_.vars[entry.first.Scalar()] = template_value(entry.second);
    yaml_map tests = top.map("tests", "tests");
    severity_ = tests.choice("severity", {"error", "warn"}, "error") == "warn" ? severity::warn : severity::error;
    p_.test_samples = tests.integer("samples", p_.test_samples);
    tests.finish();
    yaml_map roles = top.map("roles", "roles");
    p_.roles.loader = roles.text("loader", "");
    p_.roles.readers = roles.texts("readers");
    roles.finish();
}

void reader::read_taps(yaml_map &top) {
    stream defaults;
    yaml_map given = top.map("stream_defaults", "stream_defaults");
    read_stream_options(given, defaults, severity_);
    given.finish();
    for (yaml_map &t : top.maps("taps", "tap")) {
        tap one;
        one.name = t.text("name");
        one.at = t.at();
        one.description = t.text("description", "");
        check_name(t, "tap", one.name);
        if (const tap *other = p_.find_tap(one.name))
            twice("tap \"" + one.name + "\"", other->at.text(), one.at.text());
        for (yaml_map &s : t.maps("streams", "stream")) {
            stream read = read_stream(s, one.name, defaults, severity_);
            for (const stream &other : one.streams)
                if (other.name == read.name)
                    twice("stream \"" + read.name + "\" of tap \"" + one.name + "\"", other.at.text(), read.at.text());
            one.streams.push_back(std::move(read));
        }
        t.finish();
        p_.taps.push_back(std::move(one));
    }
}

void reader::read_declared_seeds(yaml_map &top) {
    for (yaml_map &s : top.maps("seeds", "seed")) {
        seed one;
        one.name = s.text("name");
        one.at = s.at();
        check_name(s, "seed", one.name);
        one.description = s.text("description", "");
        read_all_tags(s, one.tags);
        one.columns = read_columns(s, true, severity_);
        one.tests = read_tests(s, severity_);
        s.finish();
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
        known->file = (root_ / file).string();
    }
}

void reader::read_macros() {
    auto library = std::make_shared<templating::macro_library>();
    for (const std::string &file : files(paths_.macros, {".sql"}))
        library->add(text_of(file), file);
    p_.macros = std::move(library);
}

void reader::read_models() {
    for (const std::string &file : files(paths_.models, {".sql"})) {
        model m;
        m.name = fs::path(file).stem().string();
        m.file = file;
        m.folder = folder_of(file);
        m.source = text_of(file);
        check_name(yaml_map(YAML::Node(YAML::NodeType::Map), file, "the model"), "model", m.name);
        if (const model *other = p_.find_model(m.name))
            twice("model \"" + m.name + "\"", other->file, file);
        if (const seed *other = p_.find_seed(m.name))
            twice("\"" + m.name + "\" (a seed and a model)", other->file.empty() ? other->at.text() : other->file, file);
        p_.models.push_back(std::move(m));
    }
}

void reader::read_properties(const std::string &file) {
    yaml_map top = yaml_map::parse(text_of(file), file);
    top.integer("version", 2);
    auto missing = [&](yaml_map &at, const std::string &name, const std::vector<std::string> &known) {
        const std::string near = nearest_name(name, known);
        at.fail(at.at(), at.what() + " is not in the project", "", near.empty() ? "Correct the name." : "Did you mean \"" + near + "\"?");
    };
    for (yaml_map &m : top.maps("models", "model")) {
        const std::string name = m.text("name");
        auto found = std::find_if(p_.models.begin(), p_.models.end(), [&](const model &one) { return one.name == name; });
        if (found == p_.models.end()) {
            std::vector<std::string> known;
            for (const model &one : p_.models)
                known.push_back(one.name);
            missing(m, name, known);
        }
        found->description = m.text("description", found->description);
        merge(found->columns, read_columns(m, false, severity_));
        for (const generic_test &t : read_tests(m, severity_))
            found->tests.push_back(t);
        read_model_config(m, *found);
        yaml_map config = m.map("config", "config of " + m.what());
        read_model_config(config, *found);
        config.finish();
        m.finish();
    }
    for (yaml_map &s : top.maps("seeds", "seed")) {
        const std::string name = s.text("name");
        auto found = std::find_if(p_.seeds.begin(), p_.seeds.end(), [&](const seed &one) { return one.name == name; });
        if (found == p_.seeds.end()) {
            std::vector<std::string> known;
            for (const seed &one : p_.seeds)
                known.push_back(one.name);
            missing(s, name, known);
        }
        found->description = s.text("description", found->description);
        read_all_tags(s, found->tags);
        merge(found->columns, read_columns(s, true, severity_));
        for (const generic_test &t : read_tests(s, severity_))
            found->tests.push_back(t);
        s.finish();
    }
    for (yaml_map &t : top.maps("sources", "source")) {
        const std::string tap_name = t.text("name");
        t.text("description", "");
        for (yaml_map &s : t.maps("tables", "table")) {
            const std::string name = s.text("name");
            stream *found = nullptr;
            std::vector<std::string> known;
            for (tap &one : p_.taps)
                for (stream &candidate : one.streams) {
                    known.push_back(candidate.name);
                    if (one.name == tap_name && candidate.name == name)
                        found = &candidate;
                }
            if (!found)
                missing(s, name, known);
            found->description = s.text("description", found->description);
            merge(found->columns, read_columns(s, false, severity_));
            for (const generic_test &test : read_tests(s, severity_))
                found->tests.push_back(test);
            s.finish();
        }
        t.finish();
    }
    top.finish();
}

void reader::finish() {
    for (model &m : p_.models)
        apply_config(m, template_context(p_, &m));
    set_disabled_apart(p_);
    check_materializations(p_);
    check_relations(p_);
    for (const std::string &file : files(paths_.tests, {".sql"})) {
        singular_test t;
        t.name = fs::path(file).stem().string();
        t.file = file;
        t.source = text_of(file);
        t.severity = severity_;
        for (const auto &[key, values] : templating::find_references(t.source, file, template_context(p_)).config) {
            const std::string value = values.size() == 1 ? values.front() : "[...]";
            if (key != "severity" || (value != "warn" && value != "error"))
                throw error(sqlstate::project_invalid, file + ": config(" + key + "='" + value + "') is not known in a test", "",
                            "Known are severity='error' and severity='warn'.");
            t.severity = value == "warn" ? severity::warn : severity::error;
        }
        if (std::any_of(p_.tests.begin(), p_.tests.end(), [&](const singular_test &o) { return o.name == t.name; }) ||
            p_.find_model(t.name) || p_.find_seed(t.name))
            throw error(sqlstate::project_invalid, file + ": the name \"" + t.name + "\" is taken", "", "Rename the test's file.");
        p_.tests.push_back(std::move(t));
    }
    for (const std::string &file : files(paths_.functions, {".sql"}))
        p_.functions.push_back({file, text_of(file)});
    dependencies_with_tests(p_).order(); // refuses what refers to nothing, and circles
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(everything_.data(), everything_.size()));
    for (unsigned char byte : digest.digest) {
        p_.hash += "0123456789abcdef"[byte >> 4];
        p_.hash += "0123456789abcdef"[byte & 15];
    }
}

project reader::read() {
    const std::string file = "barometre.yml";
    std::error_code code;
    if (!fs::exists(root_ / file, code))
        throw error(sqlstate::bad_file, "there is no barometre.yml in \"" + p_.directory + "\"", "",
                    "Set barometre.project_directory to the folder of the project, or call baro_load_project() with it.");
    yaml_map top = yaml_map::parse(text_of(file), file);
    read_settings(top);
    read_taps(top);
    read_declared_seeds(top);
    yaml_map of_models = top.map("models", "models");
    std::vector<yaml_map> jobs = top.maps("jobs", "job");
    top.finish();
    read_seed_files();
    read_macros();
    read_models();
    read_folder_config(of_models, p_);
    std::vector<std::string> folders = paths_.models;
    folders.insert(folders.end(), paths_.seeds.begin(), paths_.seeds.end());
    for (const std::string &properties : files(folders, {".yml", ".yaml"}))
        read_properties(properties);
    read_jobs(jobs, p_);
    finish();
    return std::move(p_);
}

template <class T> const T *find(const std::vector<T> &list, const std::string &name) {
    auto found = std::find_if(list.begin(), list.end(), [&](const T &one) { return one.name == name; });
    return found == list.end() ? nullptr : &*found;
}

} // namespace

const tap *project::find_tap(const std::string &name) const { return find(taps, name); }
const seed *project::find_seed(const std::string &name) const { return find(seeds, name); }
const model *project::find_model(const std::string &name) const { return find(models, name); }
const model *project::find_disabled(const std::string &name) const { return find(disabled, name); }
const job *project::find_job(const std::string &name) const { return find(jobs, name); }
const stream *project::find_stream(const std::string &tap_name, const std::string &name) const {
    const tap *t = find_tap(tap_name);
    return t ? find(t->streams, name) : nullptr;
}

project read_project(const std::string &directory) { return reader(directory).read(); }

} // namespace barometre::project
