#pragma once

#include "core/value/fault.h"
#include "pg/oid.h"

namespace barometre::pg {

/// What texts of a type are made of: domains are what they are made from.
value::shape shape_of(oid type);

} // namespace barometre::pg
