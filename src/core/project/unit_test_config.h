#pragma once

#include "core/jinja/render.h"
#include "core/project/unit_test.h"
#include "core/project/yaml_reader.h"

#include <functional>
#include <optional>

namespace barometre::project {

/// What the reading of a unit test needs of the project.
struct unit_test_rules {
    jinja::callbacks context; ///< of the package in which it is declared
    /// The text of a fixture, and the name of its file; throws with `at` when there is none of that name.
    std::function<std::pair<std::string, std::string>(const std::string &name, const std::string &extension,
                                                      const place &at)>
        fixture_file;
    /// Lays what dbt_project.yml says of a test of that model over its configuration.
    std::function<void(const std::string &model, const std::string &name, test_config &config, bool &enabled)>
        of_folder{};
};

/// An entry of `unit_tests:`. Nothing: it is not enabled. What dbt refuses is an error here too: a key that nobody
/// knows, rows that are not what their format says.
std::optional<unit_test> read_unit_test(yaml_map &map, const unit_test_rules &rules);

/// Rows in CSV as Python reads them: a header, commas, and quotes that are doubled. An empty field is NULL, and so is
/// one that a short row lacks. `at`: where the text is; of a file without a line.
fixture read_csv_rows(const std::string &text, const place &at, budget &spending);

/// Renders templates as a unit test wants them.
void override_templates(jinja::callbacks &calls, const template_overrides &overrides);

} // namespace barometre::project
