#pragma once

#include "model/relation/candidate.h"

#include <string>
#include <vector>

namespace barometre::model::relation {

/// Takes the rows of published tables to those of their private tables, by what each candidate's difference says. Rows
/// that are in both are neither written nor locked. In a table that foreign keys refer to, a row that changed is
/// updated by its key, and all tables together are changed in an order in which foreign keys between them hold at each
/// step. `at` is the candidate that is being worked on, for whoever catches an error.
void apply_differences(const std::vector<candidate *> &tables, const candidate *&at);

/// Throws that somebody else wrote into a table.
[[noreturn]] void changed_by_others(const std::string &target);

} // namespace barometre::model::relation
