#pragma once

#include "core/jinja/value.h"
#include "core/project/findings.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Columns and tables as they are declared, and the data tests that they must pass.
namespace barometre::project {

enum class severity { error, warn };

/// A comparison of the number of failing rows, such as "> 10".
struct threshold {
    std::string sign = "!="; ///< =, !=, >, >=, < or <=
    std::int64_t count = 0;
    bool is_met_by(std::int64_t failures) const;
    std::string text() const { return sign + " " + std::to_string(count); }
};

/// How a data test is judged.
struct test_config {
    barometre::project::severity severity = severity::error;
    std::optional<std::int64_t> limit; ///< most failing rows that count
    threshold warn_if, error_if;
    std::string fail_calc; ///< an SQL expression over the failing rows that says how many count; empty: all do
    std::vector<std::string> tags;
    std::map<std::string, std::string> meta; ///< key -> value as JSON
    std::string where; ///< of generic tests: an SQL condition with its templates; empty: all rows are tested

    const char *severity_name() const { return severity == barometre::project::severity::warn ? "warn" : "error"; }
    /// pass, warn or fail. Of severity warn only `warn_if` counts.
    const char *judge(std::int64_t failures) const;
};

std::string meta_text(const std::map<std::string, std::string> &meta); ///< a JSON object

/// A data test as declared of a table or one of its columns.
struct generic_test {
    std::string
        test; ///< unique, not_null, accepted_values, relationships, expression_is_true, or one of the project's own
    std::string macro;                             ///< of one of the project's own; empty: it is built in
    std::string name;                              ///< that results show: one of its own, else `test`
    std::string column;                            ///< empty: it is of the table
    std::map<std::string, jinja::value> arguments; ///< as declared: templates in them are not rendered
    std::string package;                           ///< in which it is declared; empty: the project itself
    test_config config;
    std::vector<std::string> reads; ///< nodes that its templates refer to
    place at;
};

struct column {
    std::string name;
    std::string type; ///< SQL type; empty: found (taps and seeds) or given by the SELECT (models)
    std::string description;
    std::vector<generic_test> tests;
    place at;
    std::vector<std::string> formats{}; ///< of dates and times, tried in order; empty: as the server reads them
    char decimal = '\0';                ///< of numbers; '\0': the stream's
    std::string data_type{};            ///< in properties: what the built column is to be; empty: nothing is said
};

} // namespace barometre::project
