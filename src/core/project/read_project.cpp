#include "core/error.h"
#include "core/project/dbt/profile.h"
#include "core/project/dependencies.h"
#include "core/project/git.h"
#include "core/project/job_config.h"
#include "core/project/project_files.h"
#include "core/project/read_parts.h"
#include "core/project/reader.h"
#include "core/project/registered.h"
#include "core/project/schema_use.h"
#include "core/project/seed_config.h"
#include "core/project/templates.h"
#include "core/text/hash.h"

#include <algorithm>
#include <filesystem>

namespace barometre::project {

namespace fs = std::filesystem;

namespace {

constexpr char own_file[] = "barometre.yml", dbt_file[] = "dbt_project.yml", meltano_file[] = "meltano.yml";

} // namespace

reader::reader(std::shared_ptr<const file::root> folder, const std::vector<registration> &registered,
               const surroundings &around, sightings &seen)
    : registered_(registered), around_(around), seen_(seen) {
    p_.folder = std::move(folder);
    packages_.emplace_back();
    p_.database = around.database;
}

void reader::twice(const std::string &what, const std::string &one, const std::string &other) const {
    throw error(sqlstate::project_invalid, other + ": " + what + " is there twice",
                "It was found before in " + one + ".", "Rename or remove one of them.");
}

void reader::read_settings(yaml_map &top) {
    if (!top.has("version"))
        top.fail(top.at(), "the file lacks the key \"version\"", "", "Begin the file with: version: 1");
    if (top.integer("version", 1) != 1)
        top.fail(top.at("version"), "key \"version\" must be 1");
    if ((!top.has("dbt") && !top.has("meltano")) || top.has("name")) // those have a name of their own
        p_.name = top.text("name");
    p_.timezone = top.text("timezone", p_.timezone);
    p_.date_order = read_date_order(top);
    yaml_map tests = top.map("tests", "tests");
    read_test_config(tests, tests_.defaults);
    p_.test_samples = tests.integer("samples", p_.test_samples);
    tests.finish();
    yaml_map roles = top.map("roles", "roles");
    p_.roles.loader = roles.text("loader", "");
    p_.roles.readers = roles.texts("readers");
    p_.roles.observers = roles.texts("observers");
    roles.finish();
    const yaml_map vars = top.map("vars", "vars");
    for (const auto &entry : vars.node())
        (*p_.vars)[entry.first.Scalar()] = template_value(entry.second);
    yaml_map env = top.map("env", "env");
    for (const auto &entry : env.node())
        (*p_.env)[entry.first.Scalar()] = env.text(entry.first.Scalar());
}

void reader::read_folders(yaml_map &top) {
    yaml_map where = top.map("paths", "paths");
    auto folders = [&](const char *key, std::vector<std::string> &into) {
        if (!where.has(key))
            return;
        into = where.texts(key);
        for (const std::string &f : into)
            if (f.starts_with('/') || f.find("..") != std::string::npos)
                where.fail(where.at(key), "folder \"" + f + "\" must lie in the project");
        if (dbt())
            p_.found->add(
                {"key", key, "overridden", where.at(key), "It is taken in the place of that of " + dbt()->file + "."});
    };
    folders("models", own().folders.models);
    folders("seeds", own().folders.seeds);
    folders("tests", own().folders.tests);
    folders("functions", own().folders.functions);
    folders("macros", own().folders.macros);
    folders("snapshots", own().folders.snapshots);
    where.finish();
}

void reader::read_tap(yaml_map &t, const stream &defaults, std::vector<yaml_map> *streams) {
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
    std::vector<yaml_map> own;
    if (!one.discovers && !streams)
        own = t.maps("streams", "stream");
    for (yaml_map &s : streams ? *streams : own) {
        stream read = read_stream(s, one.name, one.settings, tests_);
        if (const stream *other = one.streams.find(read.name))
            twice("stream \"" + read.name + "\" of tap \"" + one.name + "\"", other->at.text(), read.at.text());
        one.streams.push_back(std::move(read));
    }
    t.finish();
    p_.taps.push_back(std::move(one));
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
    for (yaml_map &t : top.maps("taps", "tap"))
        read_tap(t, defaults);
    if (meltano_) {
        stream of_meltano; // what its taps do unless something else is said
        of_meltano.date_order = p_.date_order;
        of_meltano.timezone = p_.timezone;
        of_meltano.blank_is_null = true;
        read_stream_options(given, of_meltano, tests_);
        read_meltano_taps(of_meltano);
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

/// A folder that a file names, as names of files below it begin; empty: the project's own.
std::string reader::folder_named(const std::string &given) {
    const std::string normal = fs::path(given + "/").lexically_normal().string();
    const std::string folder = normal.substr(0, normal.find_last_not_of('/') + 1);
    return folder == "." ? "" : folder;
}

/// Opens the folder of a dbt project.
void reader::open_dbt(const std::string &given, const place &at) {
    dbt_folder_ = folder_named(given);
    open_outside(dbt_folder_, at);
}

/// Opens a folder when it is not below the project's, as far as the caller may.
void reader::open_outside(const std::string &folder, const place &at) {
    if (!folder.starts_with('/') && !folder.starts_with(".."))
        return;
    if (!around_.outside)
        throw error(sqlstate::project_invalid, at.text() + ": folder \"" + folder + "\" lies outside the project");
    p_.outside[folder] = around_.outside(folder);
}

void reader::read_dbt() {
    const std::string file = dbt::below(dbt_folder_, dbt_file);
    const auto [root, path] = p_.locate(file);
    if (!seen_.is_there(root, path))
        throw error(sqlstate::bad_file,
                    "there is no dbt_project.yml in \"" + root->full(fs::path(path).parent_path()) + "\"", "",
                    "Correct the key \"dbt\" in barometre.yml: it names the folder of a dbt project.");
    yaml_map top = yaml_map::parse(text_of(file), file, *p_.spending, p_.found);
    dbt() = dbt::read_project_file(top, dbt_folder_);
    own().folders = dbt()->folders;
    for (const auto &[key, value] : dbt()->vars)
        if (!p_.vars->emplace(key, template_value(value.first)).second)
            p_.found->add({"var", key, "overridden", value.second, "The vars of barometre.yml have it, too."});
    if (p_.name.empty())
        p_.name = dbt()->name;
    p_.package = dbt()->name;
    p_.found->keeps_names = true;
}

/// The name and schema of the target: a setting's, else what the files say, the nearest to barometre first.
void reader::read_target(yaml_map *top) {
    p_.target_name = dbt() ? "" : "default";
    place schema_at{own_file, 0};
    std::string schema;
    if (top) {
        yaml_map target = top->map("target", "target");
        p_.target_name = target.text("name", p_.target_name);
        schema = target.text("schema", "");
        if (!schema.empty())
            schema_at = target.at("schema");
        target.finish();
        if (const YAML::Node &models = top->node()["models"]; schema.empty() && models.IsDefined() && models.IsMap())
            for (const char *key : {"schema", "+schema"})
                if (const YAML::Node &said = models[key]; said.IsDefined() && said.IsScalar()) {
                    schema = said.Scalar();
                    schema_at = top->at(said);
                }
    }
    if (!around_.target_schema.empty()) {
        schema = around_.target_schema;
        schema_at = {"barometre.target_schema", 0};
    }
    if (dbt() && (schema.empty() || p_.target_name.empty())) {
        const dbt::profile read = read_profile();
        if (p_.target_name.empty())
            p_.target_name = read.target.empty() ? "default" : read.target;
        if (schema.empty()) {
            schema = read.schema;
            schema_at = {dbt()->file, 0};
        }
        if (schema.empty() && meltano_)
            schema = meltano_schema();
        if (schema.empty())
            throw error(sqlstate::project_invalid, dbt()->file + ": the schema of the target can't be known", read.why,
                        "Set it by  ALTER DATABASE ... SET barometre.target_schema = '...';  or in barometre.yml:  "
                        "target: {schema: ...}");
    }
    if (schema.size() > 63)
        throw error(sqlstate::project_invalid,
                    schema_at.text() + ": schema name \"" + schema + "\" must have 1 to 63 bytes");
    if (!schema.empty()) {
        p_.schema = schema;
        p_.schema_at = schema_at;
    }
    tests_.context = template_context(p_);
}

dbt::profile reader::read_profile() {
    for (const char *name : {"profiles.yml", "profile/profiles.yml"}) {
        const std::string file = dbt::below(dbt_folder_, name);
        const auto [root, path] = p_.locate(file);
        if (!seen_.is_there(root, path))
            continue;
        yaml_map top = yaml_map::parse(seen_.read_text(root, path), file, *p_.spending, std::make_shared<findings>());
        const dbt::profile read = dbt::read_profile(top, dbt()->profile.empty() ? dbt()->name : dbt()->profile,
                                                    p_.target_name, template_context(p_));
        everything_ += read.target + '\0' + read.schema + '\0'; // the file has secrets, which are none of ours
        return read;
    }
    return {"", "", "There is no profiles.yml in the folder of the dbt project, nor in its folder profile/."};
}

void reader::read_all(yaml_map *top) {
    YAML::Node nothing(YAML::NodeType::Map);
    yaml_map models(nothing, own_file, "models"), snapshots = models;
    std::vector<yaml_map> jobs;
    if (top)
        read_settings(*top);
    if (top && top->has("meltano"))
        read_meltano(*top);
    std::optional<error> lost;
    const auto read_part_of_dbt = [&](const std::function<void()> &part) {
        try {
            part();
        } catch (const error &e) {
            if (!top || e.is_intervention())
                throw;
            lost = e; // taps and jobs don't depend on it
        }
    };
    if (!top || top->has("dbt") || transformer_)
        read_part_of_dbt([&] {
            if (top && top->has("dbt"))
                open_dbt(top->text("dbt"), top->at("dbt"));
            read_dbt();
            read_target(top);
        });
    if (lost)
        top->has("target");
    if (!dbt() && !lost)
        read_target(top);
    if (top)
        read_folders(*top);
    if (dbt())
        read_packages();
    read_macros(); // tests of what follows may be among them
    if (!lost)
        read_part_of_dbt([&] {
            for (package &one : packages_)
                grow_trees(one);
        });
    if (top) {
        read_taps(*top);
        read_declared_seeds(*top);
        models = top->map("models", "models");
        snapshots = top->map("snapshots", "snapshots");
        jobs = top->maps("jobs", "job");
        top->finish();
    }
    if (lost)
        return lose_all(*lost, jobs);
    read_docs();
    read_seed_files();
    read_models();
    read_properties(models, snapshots);
    read_jobs(jobs, p_, [&] { read_meltano_jobs(); });
    finish();
}

project reader::read() {
    for (const registration &r : registered_)
        check_registered(r);
    if (seen_.is_there(p_.folder, own_file)) {
        yaml_map top = yaml_map::parse(text_of(own_file), own_file, *p_.spending);
        read_all(&top);
    } else if (seen_.is_there(p_.folder, dbt_file)) {
        read_all(nullptr);
    } else if (seen_.is_there(p_.folder, meltano_file)) {
        yaml_map top = yaml_map::parse("{version: 1, meltano: .}", meltano_file, *p_.spending);
        read_all(&top);
    } else {
        throw error(
            sqlstate::bad_file,
            "there is neither a barometre.yml nor a dbt_project.yml nor a meltano.yml in \"" + p_.folder->path() + "\"",
            "", "Set barometre.project_directory to the folder of the project, or call baro_load_project() with it.");
    }
    return std::move(p_);
}

namespace {

/// Reads until the files stay as they are meanwhile. What is wrong while they change is no error.
project read_whole(const std::shared_ptr<const file::root> &folder, const std::vector<registration> &registered,
                   const surroundings &around) {
    static constexpr int first_wait = 50, longest_wait = 1600; // milliseconds; about three seconds together
    for (int wait = first_wait;; wait *= 2) {
        sightings seen;
        std::optional<project> out;
        std::exception_ptr failure;
        try {
            out = reader(folder, registered, around, seen).read();
        } catch (const error &e) {
            if (e.is_intervention())
                throw;
            failure = std::current_exception();
        }
        if (around.was_read)
            around.was_read();
        const std::optional<error> change = seen.change();
        if (!change && failure)
            std::rethrow_exception(failure);
        if (!change) {
            out->commit = git_commit(*folder);
            for (const std::string &lock : seen.left_locks())
                out->found->add({"file",
                                 lock,
                                 "ignored",
                                 {git_lock, 0},
                                 "It is older than ten minutes. If no git is running, one that was killed left it: "
                                 "remove it.",
                                 true});
            return std::move(*out);
        }
        if (wait > longest_wait)
            throw *change;
        if (around.wait)
            around.wait(wait);
    }
}

} // namespace

project read_project(std::shared_ptr<const file::root> folder, const std::vector<registration> &registered,
                     schema_names schemas, const surroundings &around) {
    project p = read_whole(folder, registered, around);
    if (schemas == schema_names::refused)
        for (const schema_use &use : schema_uses(p))
            if (const std::string why = reserved_for(use.schema); !why.empty() && !is_registered(use.at.file))
                throw refused_schema(use, why);
    return p;
}

} // namespace barometre::project
