#pragma once

#include "registry/registry.h"

namespace barometre::page {

/// The SQL of models, snapshots and tests, as they are written and as they run: a JSON object with the keys
/// "model.NAME", "snapshot.NAME" and "test.TARGET NAME", of objects with some of `written`, `compiled` and `sql`. What
/// can't be compiled is left out. `masked`: without the values in them. `brief`: of `compiled` a list of lines, in
/// which those that stand in `written` are the places that they have there, from 0.
std::string texts(const registry::loaded_project &of, bool masked, bool brief);

} // namespace barometre::page
