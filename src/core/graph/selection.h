#pragma once

#include "core/graph/dag.h"

namespace barometre::graph {

/// What a selection may ask of a node beside its name.
struct node_traits {
    std::string kind; ///< stream, seed, model, test or unit_test
    std::string path; ///< its file relative to the project, or empty
    std::string materialized;
    std::string schema;
    std::vector<std::string> tags;
    std::string folder{};                  ///< of a model: below the models folder, such as "ppel" or "a/b"; or empty
    std::vector<std::string> test_types{}; ///< of a test: unit, or data and generic or singular
};
using traits = std::map<std::string, node_traits>;

/// The nodes that `selection` names, in dbt's grammar. A term is a node's name,
/// a folder below the models folder (a.b for a/b; a node of that name wins), a
/// path (a term with "/"), or
/// method:value with the methods tag, path, source, resource_type, test_type,
/// config.materialized, config.schema and config.tags; values may hold the
/// wildcards *, ? and [...]. Around a term: +x and 2+x (what it reads), x+ and
/// x+2 (what reads it), @x (x, its descendants and all ancestors of those).
/// White space unites, a comma intersects; where one term asks for tests, the others have those of what they select.
/// Throws barometre::error
/// (unknown_name), with the nearest name as HINT, for a term that names nothing,
/// for an empty selection and for one that selects nothing; only "*" may.
std::set<std::string> select_nodes(const dag &nodes, const traits &known, const std::string &selection);

/// The same without what `exclude` selects (nothing when it is blank). Throws as
/// above, and when all is excluded; an exclusion may turn out to select nothing,
/// but each of its terms must name something.
std::set<std::string> select_nodes(const dag &nodes, const traits &known, const std::string &selection,
                                   const std::string &exclude);

} // namespace barometre::graph
