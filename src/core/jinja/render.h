#pragma once

#include "core/jinja/macro_library.h"
#include "core/jinja/value.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The templates of models: the part of dbt's Jinja that needs nothing but the project. doc/models.md lists it.
namespace barometre::jinja {

using arguments = std::map<std::string, std::vector<std::string>>;

/// What one template may use before it is an error, so that it is the one that is named (budget.h: what all may).
struct limits {
    std::uint64_t bytes = std::uint64_t{64} << 20; ///< of all texts and lists that are ever made
    std::uint64_t steps = 10'000'000;
    std::size_t output = std::size_t{16} << 20; ///< bytes of the result
};

/// A column of a relation.
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
    /// Of adapter.get_columns_in_relation(), in order; empty: that is refused.
    std::function<std::vector<relation_column>(const relation &)> columns{};
    /// Of adapter.get_relation(): the table or view of that name, if there is one; empty: that is refused.
    std::function<std::optional<relation>(const std::string &schema, const std::string &identifier)> find_relation{};
    /// Of ref('package', 'name'), which is called before ref('name'): throws when the node is not in that package.
    /// Empty: ref() takes one name.
    std::function<void(const std::string &package, const std::string &name)> in_package{};
    /// Of fromyaml(): what a text holds; nothing: it is not valid. Empty: that is refused.
    std::function<std::optional<value>(const std::string &text)> from_yaml{};
    std::shared_ptr<const variables> vars = std::make_shared<const variables>();
    std::function<void(const std::string &text, bool warns)>
        say{};           ///< of log(), print() and exceptions.warn(); empty: nobody is told
    bool native = false; ///< a value is wanted and no text: as_number and its like convert
    std::function<void(const std::string &name)> var{}; ///< may be empty: is told of each var() before it is looked up
    std::shared_ptr<const std::map<std::string, std::string>> env{};  ///< of env_var(); none: nothing is there
    std::shared_ptr<const std::map<std::string, std::string>> docs{}; ///< of doc(); none: doc() is refused
    std::string package{}; ///< whose template it is: its macros are found first; empty: the project's own
    std::shared_ptr<const macro_library> macros{};
    std::optional<relation> self{};                                  ///< `this`; absent: not known
    std::map<std::string, std::string> target{{"type", "postgres"}}; ///< target.schema, target.name, ...
    bool is_incremental = false;
    std::map<std::string, value> names{}; ///< further variables, such as the arguments of a generic test
    /// The same that macros see too, such as `model`, made when they are asked for; may be empty.
    std::function<std::optional<value>(const std::string &name)> global{};
    /// What is said of names in the place of what they are: of a macro, with or without its package, and of a function
    /// what a call gives, whatever it is called with; of another name its value. Of unit tests.
    std::map<std::string, value> overrides{};
    bool full_refresh = false; ///< flags.FULL_REFRESH
    bool execute = true;       ///< false: only what is referred to is being found
    jinja::limits limits{};
    std::shared_ptr<budget> spending = std::make_shared<budget>(); ///< of all templates together
    int nested = 0;                                                ///< of variables that are templates, in each other
    int line = 0;                   ///< of the call that is being made, from 1; in a macro, of what called it
    bool asked_incremental = false; ///< is_incremental() was called
    bool met_refusal = false;       ///< it stopped at what no database could change: what is never available
    bool asked_execute = false;     ///< its text may be another one once the database can be looked at
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

/// Whether something in templates has that name, of which a call or a look can give something else.
bool can_be_overridden(const std::string &name, const callbacks &context);

/// The references of a template, found by rendering it: as it is, and as if is_incremental() were true; and, when it
/// asks for `execute` or for what is in the database, both as if that were so, without regard to what then is wrong.
struct references {
    std::vector<std::string> refs;                              ///< in order, without repeats
    std::vector<std::pair<std::string, std::string>> sources;   ///< likewise
    std::vector<std::pair<std::string, std::string>> relations; ///< by schema and name, of get_relation(); likewise
    std::map<std::string, std::string> packages;                ///< of refs that name the one that they mean
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
/// The same of anything that is rendered with these callbacks.
references find_references(const std::function<void(callbacks &)> &render, const callbacks &context);

} // namespace barometre::jinja
