#pragma once

#include "registry/registry.h"

namespace barometre::test {

/// One data test, ready to run: a query that must return no row.
struct data_test {
    std::string target; ///< model.column, model, tap.stream.column, or a singular test's name
    std::string name;
    project::severity severity;
    std::vector<std::string> reads; ///< nodes that must exist
    std::string query;
    std::string file; ///< for messages
};

struct outcome {
    std::string status; ///< pass, warn, fail, error, skip
    std::int64_t failures = 0;
    double seconds = 0;
    std::string message;
};

/// The tests of the selected nodes, in dependency order; a singular test belongs
/// to all that it reads.
std::vector<data_test> select_tests(const project::project &p, const std::string &selection);

/// Runs one test and records it with a sample of failing rows under run `run`.
/// An SQL error is an outcome, not an exception; a cancel is.
outcome run_test(const project::project &p, const data_test &t, std::int64_t run);

} // namespace barometre::test
