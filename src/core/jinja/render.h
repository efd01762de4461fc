#pragma once

#include "core/jinja/value.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The templates of models: the part of dbt's Jinja that needs nothing but the project. doc/models.md lists it.
namespace barometre::jinja {

using arguments = std::map<std::string, std::vector<std::string>>;

struct node;
struct parsed;

/// What a macro is called with, and where it begins.
struct macro_signature {
    std::vector<std::string> parameters;
    std::size_t required = 0; ///< the first so many have no default
    std::string file;
    int line = 0;
};

/// The macros of a project, parsed once. Each may call the others.
class macro_library {
public:
    /// Reads the macros of a file; text around them is of no account. Throws project_invalid for mistakes, for other
    /// statements, and for a name that is taken.
    void add(const std::string &source, const std::string &file);
    const node *find(const std::string &name) const; ///< null: there is none
    std::vector<std::string> names() const;
    std::optional<macro_signature> signature(const std::string &name) const; ///< absent: there is none

private:
    std::vector<std::shared_ptr<const parsed>> files_; ///< `macros_` points into them
    std::map<std::string, const node *> macros_;
};

/// What one template may use before it is an error, so that it is the one that is named (budget.h: what all may).
struct limits {
    std::uint64_t bytes = std::uint64_t{64} << 20; ///< of all texts and lists that are ever made
    std::uint64_t steps = 10'000'000;
    std::size_t output = std::size_t{16} << 20; ///< bytes of the result
};

/// A column as union_relations needs it.
struct relation_column {
    std::string name, type; ///< type: as SQL writes it
};

/// What a template's calls become, and what it knows. `ref` and `source` return the relation, or only the SQL text to
/// put in their place (a quoted name), and may throw; `config` gets the keyword arguments of {{ config(...) }}, which
/// prints nothing, as texts; a scalar is a list of one.
struct callbacks {
    std::function<relation(const std::string &name)> ref;
    std::function<relation(const std::string &tap, const std::string &stream)> source;
    std::function<void(const arguments &named)> config;
    std::function<void(const std::map<std::string, value> &named)>
        settings{}; ///< may be empty: config's arguments as values
    std::function<std::vector<relation_column>(const relation &)>
        columns{}; ///< in order; empty: union_relations is refused
    std::shared_ptr<const variables> vars = std::make_shared<const variables>();
    std::function<void(const std::string &name)> var{}; ///< may be empty: is told of each var() before it is looked up
    std::shared_ptr<const std::map<std::string, std::string>> env{};  ///< of env_var(); none: nothing is there
    std::shared_ptr<const std::map<std::string, std::string>> docs{}; ///< of doc(); none: doc() is refused
    std::string package{}; ///< that ref('package', 'model') may name: the project; empty: none
    std::shared_ptr<const macro_library> macros{};
    std::optional<relation> self{};                                  ///< `this`; absent: not known
    std::map<std::string, std::string> target{{"type", "postgres"}}; ///< target.schema, target.name, ...
    bool is_incremental = false;
    std::map<std::string, value> names{}; ///< further variables, such as the arguments of a generic test
    jinja::limits limits{};
    std::shared_ptr<budget> spending = std::make_shared<budget>(); ///< of all templates together
    int nested = 0;                                                ///< of variables that are templates, in each other
    int line = 0; ///< of the call that is being made, from 1; in a macro, of what called it
};

struct rendered {
    std::string text;
    std::vector<int> lines; ///< of the source, from 1, for each line of `text`
};

/// Renders `source` as Jinja does. Mistakes are errors (project_invalid) that name file, line and column. Like dbt,
/// it drops one newline at the end of the template. `first_line`: where in the file the source begins, from 1.
rendered render_lines(const std::string &source, const std::string &file, callbacks &calls, int first_line = 1);

/// The same for who numbers lines by the source: newlines inside braces are kept behind them, and the one at the end.
/// The lines of the result are those of the source unless a block repeats, leaves out or trims some.
std::string render(const std::string &source, const std::string &file, callbacks &calls);

/// Calls a macro of the library, as {{ name(...) }} would: for generic tests. The lines are those of the macro's file.
rendered render_macro(const std::string &name, const std::map<std::string, value> &named, callbacks &calls);

/// The references of a template, found by rendering it: as it is, and as if is_incremental() were true.
struct references {
    std::vector<std::string> refs;                            ///< in order, without repeats
    std::vector<std::pair<std::string, std::string>> sources; ///< likewise
    arguments config;                         ///< the last call of each key counts, but `tags` add up as in dbt
    std::map<std::string, int> lines;         ///< of the first mention of each ref, and of each source as tap.stream
    std::map<std::string, value> settings;    ///< `config` as values
    std::map<std::string, int> setting_lines; ///< of the call that gave each, from 1
    std::vector<std::string> vars;            ///< asked for by var(), in order, without repeats
    bool asks_incremental = false;            ///< it calls is_incremental()
};
/// `context`: vars, macros, target, self and names count; its functions are not called.
references find_references(const std::string &source, const std::string &file, const callbacks &context);
references find_references(const std::string &source, const std::string &file);

} // namespace barometre::jinja
