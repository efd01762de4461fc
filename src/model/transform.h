#pragma once

#include "job/run.h"
#include "registry/registry.h"

namespace barometre::model {

struct transform_options {
    std::string selection = "*";
    std::string exclude;       ///< empty: nothing
    bool full_refresh = false; ///< seeds and functions anew, whether they changed or not
    bool skip_failures = false; ///< a model that fails is left out with its descendants, and the rest goes on
};

/// Builds the selected models in dependency order in the current transaction, as
/// the current role; loads the changed seeds that they read first. Adds a step
/// for each seed and model to `memory`, and tells the user about each.
void transform(const project::project &p, const transform_options &options, run &memory);

/// Runs functions/*.sql if the project changed since they ran last.
void make_functions(const project::project &p, bool always = false);

/// The SQL of a model or test, with its references in place.
std::string compile(const project::project &p, const std::string &source, const std::string &file);

/// "schema"."name" of a model or seed, or of a stream given as tap.stream.
std::string relation_of(const project::project &p, const std::string &node);
bool node_exists(const project::project &p, const std::string &node);

} // namespace barometre::model
