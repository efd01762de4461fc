#pragma once

#include "model/relation/candidate.h"

#include <string>

namespace barometre::model::relation {

/// What a model is published as: 'r' table, 'v' view, 'm' materialized view; 0: nothing.
char published_kind(const project::model &m);

/// What a relation of this kind, as the catalog has it, is published as: a partitioned table is a table.
char kind_as_published(char relation_kind);

/// What is there, and where its rows are.
published_relation find_published(const std::string &schema, const std::string &name);

/// Refuses to publish a model in the place of something that can't be changed or made anew without harm. `published`:
/// kind_as_published() of what is there; 0: nothing.
void check_target(const project::model &m, char published);

/// The same of a seed, in the place of anything but a table.
void check_seed_target(const std::string &seed, const std::string &target, char published);

} // namespace barometre::model::relation
