#include "core/project/meltano/document.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/text/ascii.h"
#include "core/text/text.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace barometre::project::meltano {

namespace fs = std::filesystem;

namespace {

/// What is of no account to files, models and schedules.
const std::vector<std::string> without_meaning = {"version",
                                                  "send_anonymous_usage_stats",
                                                  "database_uri",
                                                  "python",
                                                  "venv",
                                                  "cloud",
                                                  "elt",
                                                  "cli",
                                                  "ui",
                                                  "annotations",
                                                  "state_backend",
                                                  "requires_meltano",
                                                  "auto_install",
                                                  "snowplow",
                                                  "discovery_url",
                                                  "hub_url",
                                                  "hub_api_root",
                                                  "tracking_ids",
                                                  "experimental",
                                                  "ff",
                                                  "flags",
                                                  "project_readonly",
                                                  "run",
                                                  "manifest"};

constexpr std::size_t most_files = 1000, most_plugins = 10'000;

/// The folder that all files lie in that a pattern may mean.
std::string folder_before(const std::string &glob) {
    const std::size_t sign = glob.find_first_of("*?[");
    const std::size_t slash = glob.rfind('/', sign);
    return slash == std::string::npos ? "" : glob.substr(0, slash);
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Nodes of another file have other lines than those of the file that is named.
YAML::Node without_places(const YAML::Node &node, bool is_same_file) { return is_same_file ? node : YAML::Clone(node); }

} // namespace

std::string plain_name(const std::string &name, char mark) {
    std::string out;
    for (const char c : name)
        out += text::is_letter(c) || text::is_digit(c) || c == mark ? text::lower(c) : '_';
    return !out.empty() && (text::is_digit(out[0]) || out[0] == '-') ? "_" + out : out;
}

YAML::Node merged(const YAML::Node &under, const YAML::Node &over) {
    check_interrupts();
    if (!under.IsDefined() || !under.IsMap() || !over.IsDefined() || !over.IsMap())
        return over.IsDefined() && !over.IsNull() ? over : under;
    YAML::Node out(YAML::NodeType::Map);
    std::set<std::string> known;
    for (const auto &entry : over) {
        known.insert(entry.first.Scalar());
        const YAML::Node below = under[entry.first.Scalar()];
        out.force_insert(entry.first,
                         below.IsDefined() && below.IsMap() ? merged(below, entry.second) : YAML::Node(entry.second));
    }
    for (const auto &entry : under)
        if (!known.count(entry.first.Scalar()))
            out.force_insert(entry.first, entry.second);
    return out;
}

document::document(const repository &files, const std::map<std::string, std::string> &more,
                   const std::shared_ptr<findings> &found, budget &spending, const one_by_one &attempt)
    : files_(files), found_(found), file_(files.folder.empty() ? "meltano.yml" : files.folder + "/meltano.yml") {
    for (const char *key : {"jobs", "schedules"})
        entries_[key];
    yaml_map top = yaml_map::parse(files_.text(file_), file_, spending, found_);
    project_id_ = top.text("project_id", "");
    environment_ = top.text("default_environment", "");
    read_top(top);
    std::set<std::string> included;
    for (const std::string &given : top.texts("include_paths")) {
        const std::string glob = fs::path(given).lexically_normal().string();
        if (glob.starts_with('/') || glob.starts_with(".."))
            top.fail(top.at("include_paths"), "include_paths \"" + given + "\" must lie in the project");
        const std::string prefix = files_.folder.empty() ? "" : files_.folder + "/";
        const bool is_deep = glob.find("**") != std::string::npos;
        const std::size_t before = included.size();
        for (const std::string &one : files_.list(prefix + folder_before(glob))) {
            check_interrupts();
            const std::string name = one.substr(prefix.size());
            if (name != "meltano.yml" && ::fnmatch(glob.c_str(), name.c_str(), is_deep ? 0 : FNM_PATHNAME) == 0)
                included.insert(one);
        }
        if (included.size() == before)
            found_->add({"key", "include_paths", "ignored", top.at("include_paths"),
                         "No file is called \"" + given + "\".", true});
    }
    if (included.size() > most_files)
        top.fail(top.at("include_paths"), "include_paths names more than " + std::to_string(most_files) + " files");
    for (const std::string &one : included)
        attempt("file", one, {one, 0}, [&] {
            yaml_map more_of_it = yaml_map::parse(files_.text(one), one, spending, found_);
            read_top(more_of_it);
        });
    read_environment();
    for (const auto &[name, value] : more)
        if (const auto [known, is_new] = env_.emplace(name, value); !is_new && known->second != value) {
            known->second = value;
            found_->add({"env", name, "overridden", {file_, 0}, "The env of barometre.yml has it, too."});
        }
    env_.emplace("MELTANO_PROJECT_ROOT", files_.path);
    env_.emplace("MELTANO_ENVIRONMENT", environment_);
    read_plugins(attempt);
}

void document::read_env(yaml_map &owner) {
    yaml_map env = owner.map("env", "env");
    for (const auto &entry : env.node())
        if (entry.second.IsScalar())
            env_[entry.first.Scalar()] = entry.second.Scalar();
}

void document::read_top(yaml_map &top) {
    read_env(top);
    top.ignore({"project_plugins"});
    for (const std::string &key : without_meaning)
        top.has(key);
    for (const char *key :
         {"plugins", "environments", "project_id", "default_environment", "include_paths", "jobs", "schedules"})
        top.has(key);
    for (const char *key : {"jobs", "schedules"})
        for (const YAML::Node &item : top.items(key))
            entries_[key].push_back(top.named(item, std::string(key) == "jobs" ? "job" : "schedule"));
    top.finish();
    tops_.push_back(top);
}

/// What the environment says of plugins; its variables count more than those of all environments.
void document::read_environment() {
    if (environment_.empty())
        return;
    for (yaml_map &top : tops_)
        for (const YAML::Node &item : top.items("environments")) {
            yaml_map one = top.named(item, "environment");
            if (one.text("name") != environment_)
                continue;
            read_env(one);
            yaml_map plugins =
                one.map("config", "config of " + one.what()).map("plugins", "the plugins of " + one.what());
            for (const auto &kind : plugins.node())
                for (const YAML::Node &plugin_item : plugins.items(kind.first.Scalar())) {
                    yaml_map entry = plugins.named(plugin_item, "plugin");
                    overlays_.emplace(std::pair{kind.first.Scalar(), entry.text("name")}, entry);
                }
        }
}

void document::read_plugins(const one_by_one &attempt) {
    for (yaml_map &top : tops_) {
        yaml_map all = top.map("plugins", "plugins");
        for (const auto &kind : all.node()) {
            const std::string of = kind.first.Scalar();
            attempt("file", top.file(), top.at(kind.first), [&] {
                for (const YAML::Node &item : all.items(of)) {
                    check_interrupts();
                    yaml_map entry = all.named(item, "plugin");
                    plugin one{.kind = of, .name = entry.text("name"), .base = {}, .entry = entry, .at = entry.at()};
                    if (find(one.name, of))
                        entry.fail(one.at, entry.what() + " is there twice",
                                   "It was found before in " + find(one.name, of)->at.text() + ".");
                    if (plugins_.size() >= most_plugins)
                        entry.fail(one.at, "there are more than " + std::to_string(most_plugins) + " plugins");
                    plugins_.push_back(std::move(one));
                }
            });
        }
    }
    std::vector<plugin> right; // nodes of YAML are copied, for what is assigned to them changes the file's own
    for (plugin &p : plugins_) {
        std::vector<std::string> chain;
        if (attempt(p.noun(), p.name, p.at, [&] { inherit(p, chain); }))
            right.push_back(p);
    }
    for (plugin &p : right)
        p.is_inherited = find(p.name, p.kind)->is_inherited;
    plugins_.swap(right);
}

void document::inherit(plugin &p, std::vector<std::string> &chain) {
    check_interrupts();
    const std::string id = p.kind + " " + p.name;
    if (text::contains(settled_, id))
        return;
    if (text::contains(chain, p.name))
        p.entry.fail(p.at, p.entry.what() + " inherits from itself", "", "Correct its key \"inherit_from\".");
    chain.push_back(p.name);
    YAML::Node own = p.entry.map("config", "the config of " + p.entry.what()).node();
    if (const auto overlay = overlays_.find({p.kind, p.name}); overlay != overlays_.end()) {
        yaml_map entry = overlay->second;
        own.reset(merged(own, without_places(entry.map("config", "the config of " + entry.what()).node(),
                                             entry.file() == p.at.file)));
    }
    if (p.entry.has("load_schema")) { // of such keys beside config, which are inherited as it is
        YAML::Node extra(YAML::NodeType::Map);
        extra["_load_schema"] = p.entry.text("load_schema");
        own.reset(merged(extra, own));
    }
    YAML::Node commands = p.entry.map("commands", "the commands of " + p.entry.what()).node();
    const std::string from = p.entry.text("inherit_from", "");
    p.base = from.empty() ? p.name : from;
    if (!from.empty() && from != p.name) {
        const auto parent = std::find_if(plugins_.begin(), plugins_.end(),
                                         [&](const plugin &o) { return o.kind == p.kind && o.name == from; });
        if (parent != plugins_.end()) { // else it is one of Meltano's own
            inherit(*parent, chain);
            parent->is_inherited = true;
            p.base = parent->base;
            const bool is_same = parent->at.file == p.at.file;
            own.reset(merged(without_places(parent->config, is_same), own));
            commands.reset(merged(without_places(parent->commands, is_same), commands));
        }
    } else if (const std::string url = p.entry.text("pip_url", "") + " " + p.entry.text("executable", "");
               url.find("tap-spreadsheets-anywhere") != std::string::npos) {
        p.base = "tap-spreadsheets-anywhere"; // under a name of one's own
    }
    p.config.reset(own);
    p.commands.reset(commands);
    settled_.push_back(id);
}

std::string plugin::noun() const {
    return kind == "utilities" ? "utility" : kind.ends_with('s') ? kind.substr(0, kind.size() - 1) : kind;
}

const plugin *document::find(const std::string &name, const std::string &kind) const {
    for (const plugin &p : plugins_)
        if (p.name == name && (kind.empty() || p.kind == kind))
            return &p;
    return nullptr;
}

std::string document::filled(const std::string &text, const place &at) const {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t begin = i + 1;
        const bool braces = text[i] == '$' && begin < text.size() && text[begin] == '{';
        begin += braces;
        std::size_t end = begin;
        while (text[i] == '$' && end < text.size() && is_word_character(text[end]))
            ++end;
        const bool is_name = end > begin && !(text[begin] >= '0' && text[begin] <= '9') &&
                             (!braces || (end < text.size() && text[end] == '}'));
        if (text[i] != '$' || !is_name) {
            out += text[i];
            continue;
        }
        const std::string name = text.substr(begin, end - begin);
        const auto known = env_.find(name);
        if (known == env_.end())
            throw error(sqlstate::project_invalid, at.text() + ": the variable \"" + name + "\" has no value here",
                        "It stands in \"" + text + "\". Neither .env nor the server's environment is read.",
                        "Say it in barometre.yml:  env: {" + name + ": ...}");
        out += known->second;
        i = end - 1 + braces;
    }
    return out;
}

YAML::Node document::filled(const YAML::Node &node, const yaml_map &in) const {
    check_interrupts();
    if (node.IsScalar()) {
        const std::string text = node.Scalar();
        const std::string full = text.find('$') == std::string::npos ? text : filled(text, in.at(node));
        return full == text ? node : YAML::Node(full);
    }
    if (node.IsSequence()) {
        YAML::Node out(YAML::NodeType::Sequence);
        for (const auto &item : node)
            out.push_back(filled(YAML::Node(item), in));
        return out;
    }
    if (!node.IsMap())
        return node;
    YAML::Node out(YAML::NodeType::Map);
    for (const auto &entry : node)
        out.force_insert(entry.first, filled(entry.second, in));
    return out;
}

} // namespace barometre::project::meltano
