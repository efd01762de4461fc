#pragma once

#include "core/project/findings.h"

#include <yaml-cpp/yaml.h>

#include <optional>

/// What dbt's files mean, as far as it differs from barometre's own.
namespace barometre::project::dbt {

/// Changes what yaml-cpp read into what PyYAML reads (YAML 1.1): merge keys (<<) become the keys that they name, and of
/// a key that is given twice the last one counts, which is noted.
void as_python_reads(const YAML::Node &node, const std::string &shown, findings &found);

/// A word that is a boolean in YAML 1.1, such as yes or off; nothing: it is none.
std::optional<bool> boolean_of(const std::string &word);

} // namespace barometre::project::dbt
