#pragma once

#include "core/project/yaml_reader.h"

#include <functional>
#include <map>

/// Meltano's project file, turned into what barometre.yml would say.
namespace barometre::project::meltano {

/// Does the work of reading one thing, and keeps what is wrong with it from stopping what follows. True: it was right.
using one_by_one = std::function<bool(const std::string &kind, const std::string &name, const place &at,
                                      const std::function<void()> &work)>;

/// The files of the repository, by their names in the project.
struct repository {
    std::string folder; ///< of meltano.yml, as the project names it; empty: the project's own
    std::string path;   ///< the same, absolute
    std::function<std::string(const std::string &file)> text;
    std::function<bool(const std::string &file)> is_there;
    std::function<std::vector<std::string>(const std::string &folder)> list; ///< YAML files in it and below
};

/// An entry of `plugins:`, with what it inherits and what the environment says.
struct plugin {
    std::string kind; ///< extractors, loaders, mappers, transformers, utilities ...
    std::string name;
    std::string base; ///< the name at the end of inherit_from
    YAML::Node config{YAML::NodeType::Map};
    YAML::Node commands{YAML::NodeType::Map};
    yaml_map entry; ///< its own
    place at;
    bool is_inherited = false; ///< others inherit from it
    std::string noun() const;  ///< its kind, of one
};

/// meltano.yml with the files that it includes and the environment that it chooses.
class document {
public:
    /// `more`: variables of barometre.yml, which count more than those of Meltano's files.
    document(const repository &files, const std::map<std::string, std::string> &more,
             const std::shared_ptr<findings> &found, budget &spending, const one_by_one &attempt);

    const std::string &file() const { return file_; }
    const std::string &project_id() const { return project_id_; }
    const std::string &environment() const { return environment_; } ///< the default one; may be empty
    const std::map<std::string, std::string> &env() const { return env_; }
    const std::vector<plugin> &plugins() const { return plugins_; }
    /// The plugin of that name; null: there is none. `kind`: empty, whatever it is.
    const plugin *find(const std::string &name, const std::string &kind = {}) const;
    /// The entries of a list at the top of all files, such as jobs.
    const std::vector<yaml_map> &entries(const std::string &key) const { return entries_.at(key); }
    const repository &files() const { return files_; }

    /// A text with its variables, $NAME and ${NAME}, filled. Throws project_invalid for one that has no value here.
    std::string filled(const std::string &text, const place &at) const;
    /// The same for all texts of a value. What has none of them stays as it is, with its place.
    YAML::Node filled(const YAML::Node &node, const yaml_map &in) const;

private:
    void read_file(const std::string &file, budget &spending, const one_by_one &attempt);
    void read_top(yaml_map &top);
    void read_environment();
    void read_plugins(const one_by_one &attempt);
    void inherit(plugin &p, std::vector<std::string> &chain);
    void read_env(yaml_map &owner);

    repository files_;
    std::shared_ptr<findings> found_;
    std::string file_, project_id_, environment_;
    std::map<std::string, std::string> env_;
    std::vector<yaml_map> tops_;
    std::vector<plugin> plugins_;
    std::map<std::string, std::vector<yaml_map>> entries_;
    std::map<std::pair<std::string, std::string>, yaml_map> overlays_; ///< by kind and name, of the environment
    std::vector<std::string> settled_;                                 ///< plugins that have all they inherit
};

/// A name in lower case, with a "_" for what is neither letter, digit nor `mark`, which it begins with in place of a
/// digit.
std::string plain_name(const std::string &name, char mark);

/// `over` laid over `under`, key by key; a list takes the place of a list.
YAML::Node merged(const YAML::Node &under, const YAML::Node &over);

} // namespace barometre::project::meltano
