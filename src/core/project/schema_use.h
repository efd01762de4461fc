#pragma once

#include "core/error.h"
#include "core/project/project.h"

namespace barometre::project {

/// A place of the project that says into which schema something is written.
struct schema_use {
    std::string schema;
    std::string what;     ///< for messages: tap "x", model "y", the project
    std::string relation; ///< what is written there; empty: the schema is only named
    place at;
};

/// All of them: those of taps, seeds, models and snapshots, and the project's own one, in which names are looked up.
std::vector<schema_use> schema_uses(const project &p);

/// Why no project may write into a schema of this name: a sentence. Empty: one may.
std::string reserved_for(const std::string &schema);

/// `problem`: a clause about the schema. Says where it is named.
error schema_error(const schema_use &use, const std::string &code, const std::string &problem,
                   const std::string &detail, const std::string &hint);
error refused_schema(const schema_use &use, const std::string &why); ///< `why`: a sentence

} // namespace barometre::project
