#pragma once

#include "core/graph/dag.h"
#include "core/jinja/render.h"
#include "core/project/project.h"
#include "pg/relations.h"

namespace barometre::registry {

/// The schema and name of a model or seed, of a stream given as tap.stream, or of a source as source.table.
std::pair<std::string, std::string> place_of(const project::project &p, const std::string &node);
std::string relation_of(const project::project &p, const std::string &node); ///< the same, quoted
bool node_exists(const project::project &p, const std::string &node);        ///< as the transaction's snapshot sees it
std::string kind_of(const project::project &p, const std::string &node); ///< model, snapshot, seed, source or stream

/// The node that a query names as schema.name; empty: none. Without a schema the project's search path decides.
std::string node_named(const project::project &p, const std::string &schema, const std::string &name);

/// What a template has to say by log(), print() and exceptions.warn(). It is rendered more often than it is built, and
/// speaks only then.
struct saying {
    std::string text;
    bool warns = false;
};
using sayings = std::vector<saying>;
void speak(const sayings &all); ///< as notices and warnings

/// The SQL of a model or test, with its references in place, and for each of its lines that of the source.
struct compiled {
    std::string sql;
    std::vector<int> lines;
    sayings said{};
};

/// How a model's or test's SQL is made.
struct compiling {
    bool incremental = false;                     ///< is_incremental()
    bool full_refresh = false;                    ///< flags.FULL_REFRESH
    bool inlined = true;                          ///< ephemeral models are put where they are read
    int first_line = 1;                           ///< of the file, where the source begins
    int depth = 0;                                ///< of ephemeral models in ephemeral models
    const project::relation_node *self = nullptr; ///< whose `this` it has; null: the model of that file
    std::string package{};                        ///< whose template it is when it is no node's
    /// Of a relation, where they are not those of the published one; may be empty.
    std::function<std::optional<std::vector<pg::table_column>>(const std::string &schema, const std::string &name)>
        columns{};
    /// The models that are put where they are read, if `inlined`; empty: ephemeral ones.
    std::function<bool(const project::model &)> inlines{};
};
/// What the templates of a file know when there is a server. `p` must outlive it.
jinja::callbacks server_context(const project::project &p, const std::string &file, const project::relation_node *self,
                                const compiling &how = {});
/// Keeps in `said` what templates say, which must outlive `calls`.
void listen(jinja::callbacks &calls, sayings &said);
void without_end(std::string &sql); ///< puts a blank in the place of a last semicolon
compiled compile_lines(const project::project &p, const std::string &source, const std::string &file,
                       const compiling &how = {});
std::string compile(const project::project &p, const std::string &source, const std::string &file);

/// Puts the queries of ephemeral models in the place of their names.
compiled inline_ephemeral(const project::project &p, compiled text, const compiling &how = {});

/// Nodes that the server's parser finds in a query, some of them repeatedly. Throws when it can't be parsed.
std::vector<std::string> nodes_read(const project::project &p, const std::string &sql);
/// Nodes that the server's parser finds in a model or test; none when it can't be parsed: that is told when it runs.
/// What an incremental model reads of itself is no node.
std::vector<std::string> nodes_in(const project::project &p, const project::model &m);
std::vector<std::string> nodes_in(const project::project &p, const std::string &source, const std::string &file);

/// What reads what, as it is built: ephemeral models are not there, and who reads them reads what they read.
/// `all`: dependencies().
graph::dag built_dependencies(const project::project &p, const graph::dag &all);

/// What a query's rows have.
std::vector<pg::table_column> columns_of_query(const std::string &sql);

int line_at(const std::string &statement, int position); ///< of a character position, both from 1
/// Says which file of the project an error of the server's came from. `lead`: lines of the statement before the file's
/// own; `lines`: of the source, for each line of what follows.
[[noreturn]] void rethrow_for(error e, const std::string &what, const std::string &file, const std::string &statement,
                              int lead, const std::vector<int> &lines = {});

} // namespace barometre::registry
