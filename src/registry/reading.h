#pragma once

#include "registry/registry.h"

namespace barometre::registry {

/// Tells what does not count of a project's files, a kind at a time, and what can't be used.
void tell(const project::findings &found);

/// With barometre.reload = manual the project is what baro_load_project() took: throws where it took none, and when its
/// files are others now. Of those the database keeps no copy, so that nothing else could be run.
void refuse_unloaded(const recorded_project &recorded);
void refuse_changed(const recorded_project &recorded, const project::project &p);

/// Throws when what is just being registered is wrong. `registering`: its place().
void refuse_registering(const project::project &p, const std::string &registering);

} // namespace barometre::registry
