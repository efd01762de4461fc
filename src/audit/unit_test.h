#pragma once

#include "audit/data_test.h"

#include <string>
#include <vector>

namespace barometre::audit {

/// The unit tests of the project. Their queries are made when they run: the model's SQL, with each relation that it
/// reads replaced by the rows that are given, beside what is expected. They give the rows that only one of the two has,
/// as multisets, in the columns that are expected. They read nothing real but seeds whose rows are not given, and no
/// table is written. Types are those of what is there.
std::vector<data_test> unit_tests(const project::project &p);
/// Those of these models alone.
std::vector<data_test> unit_tests_of(const project::project &p, const std::set<std::string> &models);

/// The lines in which a message shows the rows of a unit test's sample, each with whether it is expected or there;
/// none where it is the outcome of another test, or one that passes.
std::vector<std::string> differing_rows(const outcome &o);

} // namespace barometre::audit
