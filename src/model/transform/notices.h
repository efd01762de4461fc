#pragma once

#include "model/transform/audit.h"
#include "model/transform/build.h"
#include "model/transform/publish.h"

#include <string>

namespace barometre::model::transform {

/// What people are told of a model or seed that was built.
std::string told(const relation::candidate &c);

/// What they are told in the end.
std::string summary(const built &b, const audited &a, const published &done);

} // namespace barometre::model::transform
