#pragma once

#include "core/project/project.h"

#include <string>

namespace barometre::model::relation {

/// What a model is published as: 'r' table, 'v' view, 'm' materialized view; 0: nothing.
char published_kind(const project::model &m);

/// Refuses to publish a model in the place of something that can't be changed or made anew without harm. `published`:
/// kind of what is there, as relation_kind() gives it; 0: nothing.
void check_target(const project::model &m, char published);

/// Refuses a table or materialized view whose rows can't be read and replaced in its own heap. `what`: model "x".
void check_heap(const std::string &what, const std::string &target);

} // namespace barometre::model::relation
