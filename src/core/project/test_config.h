#pragma once

#include "core/jinja/render.h"
#include "core/project/yaml_reader.h"

#include <functional>

namespace barometre::project {

/// The declarations of data tests.

/// What the reading of tests needs of the project.
struct test_rules {
    test_config defaults; ///< of `tests:` in barometre.yml
    /// Lays what a dbt project says of the tests in a folder over those; may be empty.
    std::function<void(const std::string &file, test_config &config, bool &enabled)> of_folder{};
    test_config defaults_in(const std::string &file, bool &enabled) const {
        test_config out = defaults;
        if (of_folder)
            of_folder(file, out, enabled);
        return out;
    }
    jinja::callbacks context; ///< with the macros, which are the project's own tests
    std::shared_ptr<const std::map<std::string, std::string>> docs{}; ///< of doc() in descriptions
    std::shared_ptr<findings> found{};                                ///< for keys of config() that mean nothing here
    /// Takes the error of a test that can't be read, so that the next one is; empty: it ends the reading.
    std::function<void(const std::string &test, const place &at, const error &why)> refused{};
};

/// Lays severity, limit, warn_if, error_if, fail_calc, tags and meta of a mapping over `config`; tags add up, and what
/// has no effect here is accepted. Other keys are left to the caller.
void read_test_config(yaml_map &map, test_config &config);

/// The `tests:` of a table, or of one of its columns, which is `column`; dbt calls them `data_tests:` too. Those that
/// are not enabled are left out.
std::vector<generic_test> read_tests(yaml_map &map, const std::string &column, const test_rules &rules);

/// Lays the config() of a singular test over what it has. False: it is not enabled; `enabled`: unless config() says
/// otherwise.
bool apply_test_config(singular_test &t, const test_rules &rules, bool enabled = true);

} // namespace barometre::project
