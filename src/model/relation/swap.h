#pragma once

#include "model/relation/candidate.h"

#include <functional>
#include <string>
#include <vector>

/// Publication by swap: a private table with the same indexes as the published one is filled, and their files are
/// exchanged. No rows are compared.
namespace barometre::model::relation {

/// Makes the private table `name` of what a model's query gives, where its key `publish` asks for that and nothing
/// speaks against it, and has the candidate swapped. Else there is no such table; a NOTICE says why if the model is
/// always to be swapped. `is_small`: the published table is. `filled_of_it`: a materialized view that reads it, if any:
/// such are filled before tables are swapped, so that nobody waits for that.
bool fill_for_swap(candidate &c, const std::string &name, const std::string &query, bool is_small,
                   const std::string &filled_of_it);

/// Makes the indexes of what is to be swapped, and counts. False: it is published by difference after all.
bool prepare_swap(candidate &c);

/// Swaps all candidates that are to be, together, once nobody reads any of their tables; from then on to the commit
/// readers wait. What is in use for too long (lock_timeout, or a minute), or changed meanwhile, is published by
/// difference before, and given to `changed`. All are locked in ROW EXCLUSIVE MODE, and others_wrote() was asked.
/// `hurried`: readers wait for this transaction already. `at`: the candidate that is being worked on, for whoever
/// catches an error.
void swap_tables(std::vector<candidate> &all, bool hurried, const std::function<void(const candidate &)> &changed,
                 const candidate *&at);

} // namespace barometre::model::relation
