#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace barometre::jinja {

struct node;
struct parsed;

/// What a macro is called with, and where it begins.
struct macro_signature {
    std::vector<std::string> parameters;
    std::size_t required = 0;  ///< the first so many have no default
    bool takes_others = false; ///< by name, as kwargs
    std::string file;
    int line = 0;
};

/// The package that holds what dbt itself gives: its macros are found everywhere, after all others.
inline constexpr char dbt_package[] = "dbt";

/// The macros of a project and of its packages, parsed once. Each may call the others. A macro of a package is called
/// package.name; the project itself is the package "".
class macro_library {
public:
    class unparsed;
    struct macro {
        const node *of = nullptr; ///< find() gives it
        std::string package;
        bool is_built_in = false;
        std::shared_ptr<unparsed> in{}; ///< of what is parsed once it is found
    };

    /// Reads the macros of a file; what is around them is of no account. Throws project_invalid for mistakes, and for
    /// a name that is taken in its package, but for what is built in: that stays.
    void add(const std::string &source, const std::string &file, const std::string &package = {});
    /// The same of what is built in, and right: the file is parsed when one of its macros is found, whose names are
    /// given.
    void add_built_in(std::string source, std::string file, const std::string &package,
                      const std::vector<std::string> &names);
    void add_package(const std::string &package) { packages_[package]; }        ///< it may have no macros
    void miss_package(const std::string &package) { missing_.insert(package); } ///< it is asked for, and not there
    bool lacks_package(const std::string &name) const { return missing_.count(name) > 0; }
    /// The project itself is a package of that name, too.
    void name_project(const std::string &name) { project_ = name; }
    /// Where adapter.dispatch() looks for the macros of a package, in the place of the project and the package.
    void set_search_order(const std::string &package, std::vector<std::string> packages);

    /// The macro that a name means in a template of `package`: one of that package, of the project, or of dbt's. Of
    /// package.name that one alone. Null: there is none.
    const macro *find(const std::string &name, const std::string &package = {}) const;
    bool has_package(const std::string &name) const;
    /// Where adapter.dispatch() looks for the macros of a package.
    std::vector<std::string> search_order(const std::string &package) const;
    /// What it gives of the first of these packages that has one; null: there is none. `looked`: the places in between.
    const macro *dispatched(const std::string &name, const std::vector<std::string> &packages,
                            std::vector<std::string> &looked) const;
    std::vector<std::string> names(const std::string &package = {}) const;
    std::optional<macro_signature> signature(const std::string &name) const; ///< absent: there is none of that package

private:
    const macro *find_in(const std::string &package, const std::string &name) const;
    const std::string &known_as(const std::string &package) const;

    std::vector<std::shared_ptr<const parsed>> files_; ///< the nodes of macros are in them
    mutable std::map<std::string, std::map<std::string, macro>> packages_;
    std::map<std::string, std::vector<std::string>> orders_;
    std::set<std::string> missing_;
    std::string project_;
    std::size_t parts_ = 0; ///< of all files_
};

} // namespace barometre::jinja
