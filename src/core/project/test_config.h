#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

namespace barometre::project {

/// The declarations of data tests.

/// What the reading of tests needs of the project.
struct test_rules {
    test_config defaults;     ///< of `tests:` in barometre.yml
    jinja::callbacks context; ///< with the macros, which are the project's own tests
};

/// Lays severity, limit, warn_if and error_if of a mapping over `config`. Other keys are left to the caller.
void read_test_config(yaml_map &map, test_config &config);

/// The `tests:` of a table, or of one of its columns, which is `column`; dbt calls them `data_tests:` too. Those that
/// are not enabled are left out.
std::vector<generic_test> read_tests(yaml_map &map, const std::string &column, const test_rules &rules);

/// Lays the config() of a singular test over what it has. False: it is not enabled; `enabled`: unless config() says
/// otherwise.
bool apply_test_config(singular_test &t, const test_rules &rules, bool enabled = true);

} // namespace barometre::project
