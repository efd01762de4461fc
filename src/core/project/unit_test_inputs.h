#pragma once

#include "core/project/project.h"

namespace barometre::project {

/// Finds which nodes the inputs of a unit test are, once all is read. Refuses one that does not give all that its model
/// refers to. Throws missing_node where an input is not there. The model must be there.
void find_unit_test_inputs(const project &p, unit_test &t);

/// What selections and results call unit tests: by their own name, or by model.name where something else has that.
std::map<const unit_test *, std::string> names_of_unit_tests(const project &p);

} // namespace barometre::project
