#include "core/error.h"
#include "core/project/job_config.h"
#include "core/project/meltano/schedules.h"
#include "core/project/reader.h"

#include <algorithm>
#include <filesystem>

/// A repository of Meltano's: what it says of files, models and schedules, read as if barometre.yml said it.
namespace barometre::project {

namespace fs = std::filesystem;

void reader::read_meltano(yaml_map &top) {
    const std::string folder = folder_named(top.text("meltano"));
    if (top.has("chain"))
        is_chained_ = top.boolean("chain", false);
    open_outside(folder, top.at("meltano"));
    const auto locate = [&](const std::string &file) { return p_.locate(file); };
    meltano::repository files;
    files.folder = folder;
    const auto [root, file] = locate(dbt::below(folder, "meltano.yml"));
    if (!seen_.is_there(root, file))
        throw error(sqlstate::bad_file,
                    "there is no meltano.yml in \"" + root->full(fs::path(file).parent_path()) + "\"", "",
                    "Correct the key \"meltano\" in barometre.yml: it names the folder of a Meltano project.");
    files.path = root->full(fs::path(file).parent_path().string());
    files.text = [this](const std::string &name) { return text_of(name); };
    files.is_there = [this](const std::string &name) {
        const auto [in, path] = p_.locate(name);
        return seen_.is_there(in, path);
    };
    files.list = [this](const std::string &in_folder) {
        const std::string named = folder_named(in_folder);
        const auto [in, path] = p_.locate(dbt::below(named, "x"));
        const std::string below = fs::path(path).parent_path().string();
        const std::string prefix = named.substr(0, named.size() - below.size());
        std::vector<std::string> out;
        for (const std::string &one : seen_.list_files(in, {below.empty() ? "." : below}, {".yml", ".yaml"}, {}))
            out.push_back(prefix + one);
        return out;
    };
    meltano_.emplace(files, *p_.env, p_.found, *p_.spending, one_by_one());
    for (const auto &[name, value] : meltano_->env())
        p_.env->emplace(name, value);
    if (p_.name.empty())
        p_.name = meltano_->project_id();
    if (p_.name.empty())
        p_.name = fs::path(files.path).filename().string();
    read_loaders();
    if (!top.has("dbt"))
        open_transform();
    plans_ = meltano::read_plans(*meltano_, transformer_ || top.has("dbt"), *p_.found, one_by_one());
}

/// A text with its variables; nothing where one of them is known to .env alone, as secrets are.
std::optional<std::string> reader::meltano_text(const std::string &text, const place &at) const {
    try {
        return meltano_->filled(text, at);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return std::nullopt;
    }
}

/// Into which database tables are loaded, and as who.
void reader::read_loaders() {
    for (const meltano::plugin &p : meltano_->plugins()) {
        if (p.kind != "loaders" || !p.base.starts_with("target-postgres"))
            continue;
        const auto said = [&](const char *key) {
            const YAML::Node value = p.config[key];
            const bool is_text = value.IsDefined() && value.IsScalar();
            return is_text ? meltano_text(value.Scalar(), p.at).value_or("") : "";
        };
        const std::string database = said("dbname").empty() ? said("database") : said("dbname");
        if (!database.empty() && !p_.database.empty() && database != p_.database)
            p_.found->add({"database", database, "ignored", p.at,
                           "Tables are loaded into this database, \"" + p_.database + "\"."});
        if (p_.roles.loader.empty())
            p_.roles.loader = said("user");
    }
}

/// The dbt project of a transformer, if there is one.
void reader::open_transform() {
    for (const meltano::plugin &p : meltano_->plugins()) {
        if (!meltano::is_dbt(p) || transformer_)
            continue;
        attempt("transformer", p.name, p.at, [&] {
            const std::string &own = meltano_->files().path;
            const YAML::Node said = p.config["project_dir"];
            std::string folder = dbt::below(meltano_->files().folder, "transform");
            if (said.IsDefined() && said.IsScalar()) {
                const fs::path full = (fs::path(own) / meltano_->filled(said.Scalar(), p.at)).lexically_normal();
                const std::string below = full.lexically_relative(own).string();
                folder = below.empty() || below.starts_with("..") ? full.string()
                                                                  : dbt::below(meltano_->files().folder, below);
            }
            open_dbt(folder, p.at);
            if (!meltano_->files().is_there(dbt::below(dbt_folder_, "dbt_project.yml"))) {
                p_.found->add({"transformer", p.name, "ignored", p.at,
                               "There is no dbt_project.yml in " + (folder.empty() ? "." : folder) +
                                   "/. If it is elsewhere, say in barometre.yml:  dbt: <folder>",
                               true});
                dbt_folder_.clear();
                return;
            }
            transformer_ = &p;
            give_settings(p);
            p_.found->add(meltano::taken("transformer", p.name, p.at, "The dbt project in " + folder + "/."));
        });
    }
}

/// As Meltano does: dbt finds the settings of its plugin in variables, DBT_POSTGRES_SCHEMA for the schema of
/// dbt-postgres.
void reader::give_settings(const meltano::plugin &p) {
    const auto name_of_setting = [&](const std::string &key) {
        std::string name = p.name + "_" + key;
        for (char &c : name)
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '-' || c == '.' ? '_' : c;
        return name;
    };
    for (const auto &entry : p.config)
        if (const auto value = entry.second.IsScalar() ? meltano_text(entry.second.Scalar(), p.at) : std::nullopt)
            p_.env->emplace(name_of_setting(entry.first.Scalar()), *value);
    for (const char *key : {"dbname", "database"})
        p_.env->emplace(name_of_setting(key), p_.database);
    for (const char *key : {"schema", "target_schema"})
        p_.env->emplace(name_of_setting(key), meltano_schema());
    if (!meltano_->environment().empty())
        p_.env->emplace("MELTANO_ENVIRONMENT", meltano_->environment());
}

std::string reader::meltano_schema() const {
    for (const char *key : {"target_schema", "schema"})
        if (const YAML::Node said = transformer_ ? transformer_->config[key] : YAML::Node(YAML::NodeType::Undefined);
            said.IsDefined() && said.IsScalar())
            return meltano_->filled(said.Scalar(), transformer_->at);
    return "analytics"; // as Meltano's own setting has it
}

void reader::read_meltano_taps(const stream &defaults) {
    meltano_taps_ = meltano::make_taps(*meltano_, plans_, around_.data, p_.found, one_by_one());
    for (const std::string &folder : meltano_taps_.looked_for)
        everything_ += folder + '\0';
    for (const std::string &path : around_.data.paths)
        everything_ += path + '\0';
    std::map<std::string, bool> is_there; // by tap: it has something to load
    for (const tap &own : p_.taps)
        is_there[own.name] = own.discovers || !own.streams.empty();
    for (meltano::made_tap &made : meltano_taps_.taps) {
        const std::string name = made.map.text("name");
        if (is_there.count(name))
            p_.found->add({"tap", name, "overridden", made.map.at(), "barometre.yml has it, too."});
        else if (!attempt("tap", name, made.map.at(), [&] {
                     read_tap(made.map, defaults, made.map.node()["streams"].IsDefined() ? nullptr : &made.streams);
                 }))
            for (auto &[extractor, use] : meltano_taps_.extractors)
                if (use.tap == name)
                    use.tap.clear();
    }
    for (auto &[extractor, use] : meltano_taps_.extractors)
        if (const auto own = is_there.find(use.tap); own != is_there.end()) {
            use.has_files = own->second;
            use.streams.clear();
        }
}

void reader::read_meltano_jobs() {
    if (!meltano_)
        return;
    const std::string script = meltano::chaining_script(*meltano_);
    const bool is_chained = is_chained_.value_or(!script.empty());
    if (is_chained && !script.empty())
        p_.found->add(meltano::taken("file", script, {script, 0},
                                     "Schedules of one interval run one after the other, at its times."));
    std::vector<std::string> own;
    for (const job &j : p_.jobs)
        own.push_back(j.name);
    meltano::make_jobs(plans_, meltano_taps_, is_chained, p_.timezone, *p_.found, one_by_one(), [&](yaml_map &map) {
        const std::string name = map.text("name");
        if (std::find(own.begin(), own.end(), name) != own.end()) {
            p_.found->add({"job", name, "overridden", map.at(), "barometre.yml has it, too."});
            return meltano::outcome::overridden;
        }
        if (!attempt("job", name, map.at(), [&] { add_job(map, p_); }))
            return meltano::outcome::refused;
        const bool has_snapshots =
            std::any_of(p_.models.begin(), p_.models.end(), [](const model &m) { return m.is_snapshot(); });
        std::vector<job_step> &steps = p_.jobs.back().steps;
        std::erase_if(steps, [&](const job_step &s) { // which dbt takes for nothing to do
            return !has_snapshots && s.selection == "resource_type:snapshot";
        });
        if (!steps.empty())
            return meltano::outcome::read;
        p_.found->add({"job", name, "left out", map.at(), "There is nothing for it to do here."});
        p_.jobs.pop_back();
        return meltano::outcome::refused;
    });
}

} // namespace barometre::project
