#pragma once

#include "core/error.h"
#include "core/graph/selection.h"
#include "core/jinja/render.h"
#include "core/project/project.h"

#include <utility>

namespace barometre::project {

/// A template refers to what is not there, or is disabled.
struct missing_node : error {
    missing_node(error e, std::string source) : error(std::move(e)), source(std::move(source)) {}
    std::string source; ///< the first argument of source(); empty: it is no source
};

/// The nodes that the templates of a model or a test refer to, blocked ones too. Throws missing_node.
std::vector<std::string> nodes_referred(const project &p, const model &m);
/// What the template of a model refers to, whether or not it is there. It stays the same once its names are settled.
std::shared_ptr<const jinja::references> references_of(const project &p, const model &m);
std::vector<std::string> nodes_referred(const project &p, const singular_test &t);
/// Those of what templates said. `self`: whose templates they are; `refers`: who refers to a node, as a message begins.
std::vector<std::string> nodes_referred(const project &p, const jinja::references &read, const relation_node *self,
                                        const std::function<std::string(const std::string &node)> &refers);

/// What reads what in a project: models and seeds under their names, streams as
/// tap.stream. Edges are the templates' references and `reads`, of which names
/// that are no node are skipped. What is blocked is in it, with what is known to read it and to be read by it. Throws
/// missing_node.
graph::dag dependencies(const project &p);

/// The same with the singular tests, each under its name and below what it reads.
graph::dag dependencies_with_tests(const project &p);

/// Blocks the models that read themselves by way of others, and all that reads them; each circle is a problem.
void block_circles(project &p);

/// Finds what the templates of a generic test refer to. Throws missing_node.
void find_test_reads(const project &p, generic_test &t);

/// What a generic test is called. No two tests have the same: the name of a second one of a column ends in #2.
struct test_names {
    std::string target; ///< a table, or table.column
    std::string name;   ///< its own, else the test's
    std::string node;   ///< of selections: target.name, as in towns.id.unique
};
std::map<const generic_test *, test_names> names_of_tests(const project &p);

/// The same with the generic tests, each under its node's name. What selections of tests choose from.
graph::dag dependencies_with_all_tests(const project &p);

/// Leaves one of the generic tests of a table that are equal in all that they say.
void drop_repeated_tests(project &p);

/// Adds to taps that discover their streams those that models and tests name, whether a file told of them or not.
void add_discovered_sources(project &p);

/// What selections may ask of every stream, seed, model, test and unit test. The
/// schema of a stream is its tap; a seed without a file in the project has no path.
graph::traits traits_of(const project &p);

} // namespace barometre::project
