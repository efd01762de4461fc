#pragma once

#include "audit/data_test.h"
#include "call/call.h"
#include "model/transform/seed.h"
#include "model/transform/select.h"

/// What users and jobs call: loading, seeding, building, testing.
namespace barometre::call {

/// Loads the streams of a tap (empty: of all), all or some; gives a step a stream.
std::vector<run::step> load(transactions how, const registry::loaded_project &loaded, const std::string &tap,
                            const std::optional<std::vector<std::string>> &streams, bool full_refresh);

using seeded = model::transform::loaded_seed;
/// Loads the seeds whose files changed, all or some.
std::vector<seeded> seed(transactions how, const registry::loaded_project &loaded,
                         const std::optional<std::vector<std::string>> &names);

/// Builds, tests and publishes what is stale of a selection.
void transform(transactions how, const registry::loaded_project &loaded, const model::transform::options &options);

struct tested {
    audit::data_test test;
    audit::outcome outcome;
};
/// Runs the data tests of a selection.
std::vector<tested> test(transactions how, const registry::loaded_project &loaded, const std::string &selection);

} // namespace barometre::call
