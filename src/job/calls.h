#pragma once

#include "job/run.h"
#include "model/seed.h"
#include "model/transform.h"
#include "pg/identity.h"
#include "registry/registry.h"
#include "test/data_test.h"

/// What users and jobs call: loading, seeding, building, testing.
namespace barometre::job {

/// A call that is ready to be made. What it refers to must outlive it.
struct call {
    std::string kind, name;         ///< of its run
    std::function<void(run &)> work;
    bool one_snapshot = false;      ///< it sees one state of the database, if it has a transaction of its own
    std::string undone = "rolled back, because the run failed"; ///< of steps that were done before another one failed
};

call load(const loaded_project &loaded, const std::string &tap, const std::optional<std::vector<std::string>> &names, bool full_refresh,
          std::vector<step> &streams);
using seeded = std::vector<std::pair<model::seed_state, step>>;
call seed(const loaded_project &loaded, const std::optional<std::vector<std::string>> &names, seeded &seeds);
call transform(const loaded_project &loaded, const model::transform_options &options);
using tested = std::vector<std::pair<test::data_test, test::outcome>>;
call test(const loaded_project &loaded, const std::string &selection, tested &results);

/// Makes a call in the current transaction: its run is kept whether it commits or not.
void within(const loaded_project &loaded, const call &c);
/// Makes a call in transactions of its own: the run's row is committed first, and what went wrong is kept though the work
/// is rolled back. `connection` must allow for commits.
void committing(pg::spi &connection, const loaded_project &loaded, const call &c);

/// What a failure is to be called: a cancel by the job's clock looks like one by a user, and what is forbidden to the project's SQL needs a
/// hint.
error named(const error &e);

/// Runs `work` as the project's owner, with pinned settings.
template <class Work> void as_owner(const loaded_project &loaded, Work &&work) {
    pg::identity owner(loaded.owner, true);
    pg::pinned_settings settings(search_path(loaded.definition), loaded.definition.timezone);
    work();
}

/// The streams that a call names: of a tap (empty: of all), all or some. Throws unknown_name.
std::vector<const project::stream *> chosen_streams(const project::project &p, const std::string &tap, const std::optional<std::vector<std::string>> &names);

/// That the project has no such thing, with the nearest name or all of them.
error unknown(const std::string &what, const std::string &name, const std::vector<std::string> &known);

} // namespace barometre::job
