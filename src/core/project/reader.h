#pragma once

#include "core/project/dbt/config_tree.h"
#include "core/project/dbt/packages.h"
#include "core/project/dbt/profile.h"
#include "core/project/dbt/project_file.h"
#include "core/project/meltano/taps.h"
#include "core/project/project.h"
#include "core/project/sightings.h"
#include "core/project/surroundings.h"
#include "core/project/test_config.h"

#include <functional>
#include <set>

namespace barometre::project {

/// Reads one project: what is shared between the parts of the work. barometre.yml must be right as a whole; what is
/// wrong elsewhere is a problem of the nodes that it concerns, and the rest is read.
class reader {
public:
    reader(std::shared_ptr<const file::root> folder, const std::vector<registration> &registered,
           const surroundings &around, sightings &seen);
    project read();

private:
    /// The project itself, or one of its packages: what lies in whose folders.
    struct package {
        std::string name;   ///< empty: the project itself
        std::string folder; ///< in which a package lies
        dbt::folders folders{};
        place at{};                            ///< where it is asked for
        std::optional<dbt::project_file> file; ///< of dbt_project.yml
        std::optional<dbt::config_tree> models{}, seeds{}, snapshots{}, sources{}, tests{}, unit_tests{}; ///< of it
    };

    // The files of the project itself: read_project.cpp
    void read_all(yaml_map *top); ///< top: of barometre.yml, if there is one
    void read_settings(yaml_map &top);
    void read_folders(yaml_map &top);
    void read_taps(yaml_map &top);
    void read_declared_seeds(yaml_map &top);
    void read_tap(yaml_map &t, const stream &defaults, std::vector<yaml_map> *streams = nullptr);
    void open_dbt(const std::string &given, const place &at);
    void open_outside(const std::string &folder, const place &at);
    void read_dbt();
    package &own() { return packages_.front(); }
    std::optional<dbt::project_file> &dbt() { return own().file; }
    void read_target(yaml_map *top);
    dbt::profile read_profile();
    static std::string folder_named(const std::string &given);

    // A repository of Meltano's: read_meltano.cpp
    void read_meltano(yaml_map &top);
    void read_loaders();
    void open_transform();
    void read_meltano_taps(const stream &defaults);
    void read_meltano_jobs();
    std::optional<std::string> meltano_text(const std::string &text, const place &at) const;
    void give_settings(const meltano::plugin &transformer);
    std::string meltano_schema() const; ///< of the target

    // What lies in its folders: read_folders.cpp
    void read_macros();
    void lose_macros(const std::string &file, const std::string &text);
    void read_docs();
    void read_models();
    void read_seed_files();
    void add(model m);
    using folders_of = std::function<std::vector<std::string>(const dbt::folders &)>;
    std::vector<std::string> files(const folders_of &which, const std::vector<std::string> &extensions,
                                   const std::string &kind = "file"); ///< of all packages
    std::vector<std::string> files_in(const package &in, const folders_of &which,
                                      const std::vector<std::string> &extensions, const std::string &kind);
    static std::string folder_below(const std::vector<std::string> &folders, const std::string &file);
    std::string folder_of(const std::string &file) const; ///< below the models or snapshots folder
    const package &package_of(const std::string &file) const;
    package &package_of(const std::string &file);
    const std::string &name_of(const package &one) const; ///< in trees of configuration
    void read_packages();
    std::vector<dbt::package_entry> wanted_packages(const std::string &folder, const jinja::callbacks &context);
    bool is_installed(const dbt::package_entry &wanted) const;
    void read_package(const std::string &folder, const place &at);
    void grow_trees(package &of);
    /// Where notes go on a file: those on the files of packages are nobody's here.
    std::shared_ptr<findings> findings_for(const std::string &file) const;
    /// The trees of configuration that speak of a node of the package, those that count less first.
    std::vector<dbt::config_tree *> trees(package &of, std::optional<dbt::config_tree> package::*which);
    std::string text_of(const std::string &file);
    void lose_all(const error &why, std::vector<yaml_map> &jobs);

    // Properties files: properties.cpp
    void read_properties(yaml_map &of_models, yaml_map &of_snapshots);
    void read_entries(yaml_map &top);
    void read_each(yaml_map &top, const std::string &key, const std::string &kind,
                   const std::function<void(yaml_map &)> &read);
    void configure(yaml_map &of_models, yaml_map &of_snapshots);
    void configure_tests();
    void describe(yaml_map &map, const std::string &kind);
    void describe_seed(yaml_map &map);
    void describe_test(yaml_map &map);
    void lose(const std::string &file);
    void missing(const yaml_map &at, const std::string &name, const std::vector<std::string> &known) const;

    // Unit tests: read_unit_tests.cpp
    void read_unit_tests(yaml_map &top);
    std::pair<std::string, std::string> read_fixture_file(package &of, const std::string &name,
                                                          const std::string &extension, const place &at);
    void configure_unit_test(package &of, const std::string &file, const std::string &model, const std::string &name,
                             test_config &config, bool &enabled);
    void block_untested(const std::string &node, const std::string &file, const std::string &test);
    void check_unit_tests();

    // What is seen when all is read: settle.cpp
    void finish();
    void settle_models();
    void read_singular_tests();
    void read_functions();
    void check_references();
    void check_tests();
    enum class fate { stays, left_out, unread }; ///< of a test
    /// What becomes of a test when all is read: `reads` finds which nodes it reads.
    fate judge_test(const std::string &kind, const std::string &test, const place &at,
                    const std::function<std::vector<std::string>()> &reads);
    void settle_hash();
    void set_blocked_apart();
    static std::optional<error> failure_of(const std::function<void()> &work); ///< nothing: it did not fail

    /// Does the work of reading one thing; when that fails, it is a problem, and the node of that name is blocked.
    /// True: it did not fail.
    bool attempt(const std::string &kind, const std::string &name, const place &at, const std::function<void()> &work);
    void refuse(const std::string &kind, const std::string &name, const place &at, const error &why);
    /// attempt(), for who reads things one beside the others.
    meltano::one_by_one one_by_one() {
        return [this](const std::string &kind, const std::string &name, const place &at,
                      const std::function<void()> &work) { return attempt(kind, name, at, work); };
    }
    /// While it lives, tests that can't be read block that node.
    struct tests_of;

    void block(const std::string &kind, const std::string &name, const std::string &file, const std::string &why,
               bool is_cause);
    [[noreturn]] void twice(const std::string &what, const std::string &one, const std::string &other) const;

    const std::vector<registration> &registered_;
    const surroundings &around_;
    sightings &seen_;
    project p_;
    std::vector<package> packages_;          ///< the project itself comes first
    std::set<std::string> missing_packages_; ///< that were asked for, and are not installed
    std::string dbt_folder_;                 ///< as dbt::project_file::folder
    std::optional<meltano::document> meltano_;
    const meltano::plugin *transformer_ = nullptr; ///< of it
    std::vector<meltano::plan> plans_;
    meltano::made_taps meltano_taps_;
    std::optional<bool> is_chained_; ///< as barometre.yml says it
    test_rules tests_;
    std::shared_ptr<const std::map<std::string, std::string>> docs_; ///< of doc()
    std::string everything_;                                         ///< names and contents of files, for the hash
    std::map<std::string, std::string> macros_lost_; ///< names in files that could not be read -> those files
    std::map<std::string, std::pair<std::string, std::string>> fixtures_; ///< that were read: texts and files
    std::set<std::string> unread_;                                        ///< files that could not even be listed
    std::map<std::string, std::string> properties_lost_; ///< files -> their texts, as far as they are known
    std::map<std::string, blocked_node> blocked_;        ///< by name; they are set apart in the end
};

} // namespace barometre::project
