#pragma once

#include "model/relation/candidate.h"

#include <string>

/// Published rows that have no place in a heap of their own: they are read by SQL into a private table, in which they
/// have one, and what others write meanwhile is told.
namespace barometre::model::relation {

/// Whether rows of both versions will be compared, and those that readers have are not in their own heap.
bool needs_copy(const candidate &c);

/// Notes what is seen of the published table, before it is read by SQL. Where nothing tells who wrote later, nobody but
/// readers gets to it from now on.
void watch_others(candidate &c);

/// Whether others wrote into the published table since it was compared, as far as that can be told.
bool others_wrote(const candidate &c);

/// A private table, as what is joined with the published one.
std::string beside_published(const candidate &c, const std::string &table);

/// Has the private table of published rows hold what `query` gives.
void fill_copy(const candidate &c, const std::string &query);

} // namespace barometre::model::relation
