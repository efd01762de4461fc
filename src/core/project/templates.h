#pragma once

#include "core/jinja/render.h"
#include "core/project/project.h"

#include <yaml-cpp/yaml.h>

namespace barometre::project {

/// What the templates of a project know: its vars and macros, `target`, and `this` of a model. Who has a server adds
/// ref, source, config and columns.
jinja::callbacks template_context(const project &p, const model *self = nullptr);

/// A value of a template from YAML: as there, what is quoted is a text.
jinja::value template_value(const YAML::Node &node);

/// The same the other way, of a value that find_references() gave: it has no place, and what is none of YAML's is null.
YAML::Node yaml_node(const jinja::value &v);

/// A value as JSON, what is none of JSON's as null.
std::string json_text(const jinja::value &v);

} // namespace barometre::project
