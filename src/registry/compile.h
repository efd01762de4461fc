#pragma once

#include "core/project/project.h"
#include "pg/relations.h"

namespace barometre {

/// The schema and name of a model or seed, or of a stream given as tap.stream.
std::pair<std::string, std::string> place_of(const project::project &p, const std::string &node);
std::string relation_of(const project::project &p, const std::string &node); ///< the same, quoted
bool node_exists(const project::project &p, const std::string &node);        ///< as the transaction's snapshot sees it
std::string kind_of(const project::project &p, const std::string &node);     ///< model, seed or stream

/// The node that a query names as schema.name; empty: none. Without a schema the project's search path decides.
std::string node_named(const project::project &p, const std::string &schema, const std::string &name);

/// The SQL of a model or test, with its references in place, and for each of its lines that of the source.
struct compiled {
    std::string sql;
    std::vector<int> lines;
};

/// `columns` gives those of a relation, where that is not the published one; may be empty.
compiled compile_lines(const project::project &p, const std::string &source, const std::string &file,
                       const std::function<std::optional<std::vector<pg::table_column>>(const std::string &schema, const std::string &name)> &columns = {});
std::string compile(const project::project &p, const std::string &source, const std::string &file);

/// Nodes that the server's parser finds in a model or test; none when it can't be parsed: that is told when it runs.
std::vector<std::string> nodes_in(const project::project &p, const std::string &source, const std::string &file);

/// Says which file of the project an error of the server's came from. `lead`: lines of the statement before the file's own;
/// `lines`: of the source, for each line of what follows.
[[noreturn]] void rethrow_for(error e, const std::string &what, const std::string &file, const std::string &statement, int lead,
                              const std::vector<int> &lines = {});

} // namespace barometre
