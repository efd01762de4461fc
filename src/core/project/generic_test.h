#pragma once

#include "core/jinja/render.h"
#include "core/project/project.h"

namespace barometre::project {

/// What the templates of generic tests give. `calls` are the references; mistakes are errors that name the file and
/// line of the declaration, or of the macro.

/// The arguments: their texts rendered, and those that are a call, such as ref('x'), what it gives. `to` of the
/// built-in relationships, which may also be a bare name, is a relation.
std::map<std::string, jinja::value> render_arguments(const generic_test &t, jinja::callbacks &calls);
/// The expression of `fail_calc`, and the condition of `where`; empty: there is none.
std::string render_fail_calc(const generic_test &t, jinja::callbacks &calls);
std::string render_where(const generic_test &t, jinja::callbacks &calls);
/// The query of one of the project's own tests, with lines of its macro's file. `column`: as SQL writes it.
jinja::rendered render_query(const generic_test &t, const jinja::relation &model, const std::string &column,
                             jinja::callbacks &calls);

/// Renders all of a test for what it refers to, and for the config() of its macro.
jinja::references find_test_references(const generic_test &t, const jinja::callbacks &context);

} // namespace barometre::project
