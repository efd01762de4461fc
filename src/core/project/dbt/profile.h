#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

namespace barometre::project::dbt {

/// What a profile says of its target: neither host nor password nor anything else is looked at.
struct profile {
    std::string target; ///< its name
    std::string schema; ///< of the target; empty: it can't be known
    std::string why;    ///< it can't: a sentence
};

/// Reads the profile of a project out of profiles.yml. `target`: another one than its own; or empty.
profile read_profile(yaml_map &profiles, const std::string &name, const std::string &target,
                     const jinja::callbacks &context);

} // namespace barometre::project::dbt
