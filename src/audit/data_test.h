#pragma once

#include "registry/compile.h"
#include "registry/registry.h"
#include "run/record.h"

#include <functional>
#include <optional>
#include <set>

namespace barometre::audit {

struct reading;

/// One test, ready to run: a query that must return no row.
struct data_test {
    std::string target; ///< model.column, model, tap.stream.column, or a singular test's name
    std::string name;
    std::string node; ///< what selections call it
    bool is_singular = false;
    bool is_guard = false; ///< of what a publication takes away: no query is run for it
    bool is_unit = false;  ///< of a model's SQL: its query gives the rows that differ (unit_test.h)
    std::string sides;     ///< of a unit test that is complete: the column of those rows that says which side has it
    project::test_config config;
    std::vector<std::string> reads; ///< nodes that must exist
    std::string query;              ///< gives the failing rows
    /// Completes the test by what is known only where it reads, such as the types of columns; empty: it is complete.
    std::function<void(data_test &, const reading &)> complete;
    std::string of_types;       ///< a query that reads what `complete` looks at
    std::string file;           ///< where it is declared, for messages
    std::string source_file;    ///< where its SQL is, when it is in a file of its own
    std::vector<int> lines;     ///< of that file, for each line of `query`
    registry::sayings said;     ///< by its templates, when it is run
    std::optional<error> wrong; ///< why it has no query: its templates can't be rendered
    // When one look at each row tells: what is counted of the rows of `table` that meet `condition`.
    std::string table, counted, condition;
    std::string unique; ///< the column of `table`, of which it asks just for values that come more than once
};

/// How many failing rows, as a message has it, or rows that differ; by fail_calc it is a number of its own.
std::string counted(const data_test &t, std::int64_t failures);

struct outcome {
    std::string status; ///< pass, warn, fail, error, skip
    std::int64_t failures = 0;
    double seconds = 0;
    std::string message;
    pg::cell sample;   ///< a JSON array of failing rows
    std::string sides; ///< as the test's, once it is complete
    bool bad() const { return status == "fail" || status == "error"; }
    bool was_run() const { return status != "skip" && status != "error"; } ///< so that failures were counted
};

/// What a test found, as a step of its run.
run::step step_of(const data_test &t, const outcome &o);

/// How many were not run, because what they read does not exist yet; that is noted as a warning.
std::int64_t note_skipped(const std::vector<outcome> &outcomes);

/// Where tests read, when not in what is published.
struct reading {
    std::function<std::string(const std::string &sql)> resolve; ///< the SQL that reads there
    std::function<bool(const std::string &node)> exists;
};
reading published(const project::project &p);

/// The tests of the selected nodes, in dependency order, which read what is published; a singular test belongs
/// to all that it reads. Unit tests come first.
std::vector<data_test> select_tests(const project::project &p, const std::string &selection);

/// All data tests that read one of `nodes`. What templates are told of columns is what is there.
std::vector<data_test> tests_of(const project::project &p, const std::set<std::string> &nodes, const reading &where);

/// The test as it runs there, with the types of what it reads.
data_test completed(const data_test &t, const reading &where);

/// The query of its failing rows, as it runs there.
std::string query_of(const data_test &t, const reading &where);

/// Runs the tests, and keeps their results with samples of failing rows in `memory`. Tests of one table that look at
/// one row at a time share a scan. An SQL error is an outcome, not an exception; a cancel is. `progress`, if given,
/// hears how many are done, and which is next.
std::vector<outcome> run_tests(const project::project &p, const std::vector<data_test> &tests, const reading &where,
                               run::record &memory,
                               const std::function<void(std::size_t done, const data_test &next)> &progress = {});

} // namespace barometre::audit
