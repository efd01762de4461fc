#pragma once

#include "core/jinja/render.h"
#include "core/project/project.h"

#include <yaml-cpp/yaml.h>

namespace barometre::project {

/// What the templates of a project know: its vars and macros, `target`, and `this` of a model or seed. Who has a server
/// adds ref and source, which are refused here, and columns. `p` and `self` must outlive it.
/// `package`: whose template it is when it is no node's; empty: the project's own.
jinja::callbacks template_context(const project &p, const relation_node *self = nullptr,
                                  const std::string &package = {});

/// The same of on-run-start and on-run-end: `results` and `schemas` are empty lists.
jinja::callbacks run_hook_context(const project &p);

/// A value of a template from YAML: as there, what is quoted is a text.
jinja::value template_value(const YAML::Node &node);

/// The same the other way, of a value that find_references() gave: it has no place, and what is none of YAML's is null.
YAML::Node yaml_node(const jinja::value &v);

/// A text with its templates rendered. `at`: where it stands.
std::string rendered_text(const std::string &text, const place &at, jinja::callbacks &calls);
/// The same of a text of YAML: what is one expression as a whole gives its value, whatever type that has.
jinja::value native_value(const std::string &text, const place &at, jinja::callbacks &calls);

/// A value as JSON, what is none of JSON's as null.
std::string json_text(const jinja::value &v);

} // namespace barometre::project
