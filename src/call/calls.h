#pragma once

#include "audit/data_test.h"
#include "call/call.h"
#include "model/transform/seed.h"
#include "model/transform/select.h"
#include "tap/forget.h"

/// What users and jobs call: loading, seeding, building, testing.
namespace barometre::call {

/// What on_failure says: stop, or skip, for which continue is another word. Throws what else it is.
bool skips_failures(const std::string &on_failure);

struct load_options {
    std::string tap{};                                 ///< empty: all
    std::optional<std::vector<std::string>> streams{}; ///< of it; none: all
    bool full_refresh = false;
    bool skips_failures = false; ///< a file, stream or tap that can't be loaded is left out, and the rest goes on
};
/// Loads streams. Gives a step for each, and a failed one for each file, stream or tap that was left out, of which the
/// caller is warned.
std::vector<run::step> load(transactions how, const registry::loaded_project &loaded, const load_options &options);

/// Takes back what a file brought into a stream of a tap (empty: into all that loaded it). A trial is rolled back, and
/// leaves no run.
std::vector<tap::forgotten_part> forget(const registry::loaded_project &loaded, const std::string &tap,
                                        const std::string &stream, const std::string &file, bool is_trial);

using seeded = model::transform::loaded_seed;
/// Loads the seeds whose files changed, all or some.
std::vector<seeded> seed(transactions how, const registry::loaded_project &loaded,
                         const std::optional<std::vector<std::string>> &names);

/// Builds, tests and publishes what is stale of a selection. Gives the steps that failed, where others go on.
std::vector<run::step> transform(transactions how, const registry::loaded_project &loaded,
                                 const model::transform::options &options);

struct tested {
    audit::data_test test;
    audit::outcome outcome;
};
/// Runs the data tests of a selection.
std::vector<tested> test(transactions how, const registry::loaded_project &loaded, const std::string &selection);

} // namespace barometre::call
