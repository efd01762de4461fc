#include "job/job.h"
#include "call/call.h"
#include "core/name/nearest.h"
#include "core/text/text.h"
#include "job/cron.h"
#include "job/due.h"
#include "job/resume.h"
#include "job/steps.h"
#include "page/page.h"
#include "pg/cancels.h"
#include "pg/files.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/settings.h"
#include "pg/transaction.h"

#include <algorithm>

namespace barometre::job {

namespace {

std::string timestamptz(std::optional<std::int64_t> seconds) {
    return seconds ? pg::sql("SELECT pg_catalog.to_timestamp($1::bigint)", {std::to_string(*seconds)}).text(0, 0) : "";
}

/// Runs on_failure_sql, with the run's number, the job's name and what failed as $1, $2 and $3.
void alert(pg::spi &connection, const registry::loaded_project &loaded, const project::job &j, std::int64_t id,
           const std::string &message) {
    if (j.on_failure_sql.empty())
        return;
    try {
        call::make(call::transactions::own(connection), loaded, {.kind = "sql", .name = j.name + " on_failure_sql"},
                   [&](run::record &) {
                       pg::project_sql(
                           j.on_failure_sql, {std::to_string(id), j.name, message}, 0,
                           {pg::parameter_type::bigint, pg::parameter_type::text, pg::parameter_type::text});
                   });
    } catch (const error &e) {
        const pg::held_cancels held; // else a cancel would take the place of what failed
        pg::warning("on_failure_sql of job \"" + j.name + "\" failed: " + e.message, e.hint, e.detail);
    }
}

/// Makes the page of a job that has ended. The job is what it is without it: why there is none is told, and remembered
/// as of a run of its own.
void show(pg::spi &connection, const project::job &j) {
    if (!j.page)
        return;
    const auto tell = [&](const error &e) {
        connection.rollback();
        const pg::held_cancels held; // else a cancel would take the place of what became of the job
        pg::warning("the page of job \"" + j.name + "\" was not written: " + e.message, e.hint, e.detail);
    };
    try {
        std::optional<page::subject> of; // by now the project may be another one
        pg::in_subtransaction([&] { of = page::find_subject(); });
        connection.commit();
        page::write(connection, *of, *j.page);
    } catch (const error &e) {
        tell(e);
    } catch (const std::exception &e) {
        tell(error(sqlstate::internal, std::string("unexpected C++ exception in barometre: ") + e.what()));
    }
}

/// Has it remembered that the job failed, tells it, and throws it.
[[noreturn]] void fail(pg::spi &connection, const registry::loaded_project &loaded, const project::job &j,
                       run::record &memory, const error &failed, const std::string &message) {
    run::fail_and_commit(connection, memory, failed);
    memory.release();
    alert(connection, loaded, j, memory.id(), message);
    show(connection, j);
    throw failed;
}

void skip(pg::spi &connection, const project::project &of, const std::string &job, std::optional<std::int64_t> slot,
          const std::string &why) {
    run::write_and_commit(connection, [&] { run::record("job", job, of, true, timestamptz(slot)).skip(why); });
    pg::warning("job \"" + job + "\" is skipped: " + why);
}

const project::job &find(const registry::loaded_project &loaded, const std::string &name) {
    if (const project::job *j = loaded.definition.find_job(name))
        return *j;
    std::vector<std::string> known;
    for (const project::job &one : loaded.definition.jobs)
        known.push_back(one.name);
    throw name::unknown("job", name, known);
}

/// A call of pg_cron for a job whose project can't be read: nobody sees that error, so it is remembered and told like
/// any other. Of the job is known what the registry remembers.
void remember_unreadable(pg::spi &connection, const std::string &name, std::int64_t at, const error &e) {
    const std::optional<registry::remembered_job> known = registry::find_remembered_job(name);
    if (!known)
        return;
    const auto slot = due(known->definition, at);
    if (!slot || !status_at(known->definition, *slot).empty())
        return;
    std::optional<run::record> memory;
    run::write_and_commit(connection,
                          [&] { memory.emplace("job", name, known->project.definition, true, timestamptz(*slot)); });
    fail(connection, known->project, known->definition, *memory, e, e.message);
}

/// A new transaction, in which each statement sees what is committed.
void look_anew(pg::spi &connection) {
    connection.commit();
    pg::read_committed();
}

/// Waits until no other session runs the job.
void wait_in_queue(const std::string &name, pg::session_lock &lock) {
    pg::in_subtransaction([&] {
        pg::show_progress("baro_job", 0, 1, name + ": waits for its last run");
        lock.wait();
    });
}

/// The project, and what it says of a job.
struct found_job {
    registry::loaded_project loaded;
    const project::job *job;
};

/// Throws when the project can't be read, or has no such job; what it was to do at `scheduled_at` is then remembered as
/// failed, or as skipped.
found_job load(pg::spi &connection, const std::string &name, std::optional<std::int64_t> scheduled_at) {
    std::optional<registry::loaded_project> loaded;
    look_anew(connection);
    try {
        pg::in_subtransaction([&] { loaded.emplace(registry::load_project()); });
    } catch (const error &e) {
        connection.rollback();
        if (scheduled_at)
            remember_unreadable(connection, name, *scheduled_at, e);
        throw;
    }
    look_anew(connection); // so that nobody waits for what was only read
    try {
        const project::job &j = find(*loaded, name);
        return {std::move(*loaded), &j};
    } catch (const error &e) {
        if (scheduled_at)
            skip(connection, loaded->definition, name, *scheduled_at - *scheduled_at % 60,
                 e.message + "; baro_schedule() removes its entry");
        throw;
    }
}

/// The jobs that this session is at: the first, which another one waits for, comes last.
using jobs_underway = std::vector<std::string>;

void execute(pg::spi &connection, found_job found, std::optional<std::int64_t> slot, std::optional<std::int64_t> at,
             jobs_underway underway = {}, const earlier_run *earlier = nullptr);

/// What a job that comes after another finds.
struct predecessor {
    std::string why_not;         ///< why it can't run; empty: it can
    std::optional<error> failed; ///< what its predecessor ended with, if it was run here
};

/// Sees to it that `first` has run for the last time that it was due by `slot`: waits for its run, or makes it if
/// nobody has begun it. pg_cron starts jobs in any order, and may start none while this one waits. `at`: when pg_cron
/// called the last of those `underway`.
predecessor run_before(pg::spi &connection, const project::job &first, std::int64_t slot, std::int64_t at,
                       const jobs_underway &underway) {
    const auto its_slot = latest_due(first, slot);
    if (!its_slot || std::find(underway.begin(), underway.end(), first.name) !=
                         underway.end()) // by hand, off, not begun; or the project was turned round
        return {};
    const std::string who = "job \"" + first.name + "\", which it comes after, ";
    for (;;) {
        look_anew(connection); // nothing is held meanwhile
        std::string status = status_since(first, *its_slot);
        if (status.empty()) {
            if (!was_expected(first, *its_slot, at))
                return {};
            if (at - *its_slot > most_lateness)
                return {who + "was not run", std::nullopt};
            pg::session_lock lock("job", first.name);
            if (lock.try_take()) {
                look_anew(connection);
                status = status_since(first, *its_slot);
                if (status.empty()) {
                    try {
                        found_job found = load(connection, first.name, at);
                        if (found.job->by_hand() || !found.job->enabled) // by now
                            return {};
                        execute(connection, std::move(found), its_slot, at, underway);
                    } catch (const error &e) {
                        if (e.sqlstate == sqlstate::unknown_name) // it left the project
                            return {};
                        const std::string came_to = status_since(first, *its_slot);
                        return {who + (came_to.empty() || came_to == "failed" ? "failed" : "was " + came_to), e};
                    }
                    continue;
                }
            }
        }
        if (status == "succeeded")
            return {};
        if (!status.empty() && status != "running")
            return {who + (status == "failed" ? "failed" : "was " + status), std::nullopt};
        pg::in_subtransaction([&] {
            pg::show_progress("baro_job", 0, 1, underway.back() + ": waits for " + first.name);
            pg::sleep_ms(500);
        });
    }
}

/// Runs a job whose lock is held. `slot`: the time that it is scheduled for; `at`: when pg_cron called. `earlier`: the
/// run that it goes on with.
void execute(pg::spi &connection, found_job found, std::optional<std::int64_t> slot, std::optional<std::int64_t> at,
             jobs_underway underway, const earlier_run *earlier) {
    const std::string name = found.job->name, note = earlier ? earlier->sentence() : "";
    underway.push_back(name);
    std::optional<run::record> memory;
    run::write_and_commit(connection, [&] {
        memory.emplace("job", name, found.loaded.definition, true, timestamptz(slot));
        memory->know_job(steps_json(*found.job), note);
    });
    predecessor before;
    std::vector<std::string> failures;
    std::optional<pg::time_limit> limit;
    try {
        if (slot && !found.job->after.empty()) {
            before = run_before(connection, find(found.loaded, found.job->after), *slot, *at, underway);
            if (before.why_not.empty()) {
                found = load(connection, name, std::nullopt); // the project may be another one by now
                run::write_and_commit(connection, [&] {
                    memory->restart(found.loaded.definition);
                    memory->know_job(steps_json(*found.job), note);
                });
                if (earlier)
                    refuse_changed_steps(*found.job, earlier->id);
            } else {
                run::write_and_commit(connection, [&] { memory->skip(before.why_not); });
            }
        }
        if (before.why_not.empty()) {
            limit.emplace(found.job->timeout);
            failures = run_steps(connection, found.loaded, *found.job, *memory,
                                 earlier ? earlier->done : std::vector<std::string>());
            if (failures.empty())
                run::write_and_commit(connection, [&] { memory->succeed(); });
        }
    } catch (const error &e) { // a cancel while it waited, or what steps did can't be written down
        const error failed = call::named(e);
        limit.reset();
        connection.rollback();
        fail(connection, found.loaded, *found.job, *memory, failed, failed.message);
    }
    limit.reset();
    if (failures.empty())
        show(connection, *found.job);
    if (!before.why_not.empty())
        pg::warning("job \"" + name + "\" is skipped: " + before.why_not);
    if (before.failed)
        throw *before.failed;
    if (failures.empty())
        return;
    const std::string all = text::join(failures, "; ");
    fail(connection, found.loaded, *found.job, *memory,
         error(sqlstate::job_failed, "job \"" + name + "\" failed: " + failures.front(),
               failures.size() > 1 ? text::sentence("All that failed: " + all) : "",
               "SELECT * FROM barometre.failures; says more. Then run it again: CALL baro_job(" +
                   pg::quote_literal(name) + ");  or go on at the step that failed: CALL baro_job(" +
                   pg::quote_literal(name) + ", from_failed => true);"),
         all);
}

/// Whether the job has a run for that time, or gets one in a moment: another call for the same time may be just
/// beginning it.
bool is_run_elsewhere(pg::spi &connection, const project::job &j, std::int64_t slot) {
    for (int look = 0; look < 10; ++look) {
        if (!status_at(j, slot).empty())
            return true;
        look_anew(connection);
        pg::in_subtransaction([] { pg::sleep_ms(200); });
    }
    return false;
}

} // namespace

void run_job(pg::spi &connection, const std::string &name, std::optional<std::int64_t> scheduled_at, bool from_failed) {
    if (scheduled_at && from_failed)
        throw error("22023", "from_failed is for calls by hand", "With a time baro_job is what pg_cron calls.",
                    "CALL baro_job(" + pg::quote_literal(name) + ", from_failed => true);");
    found_job found = load(connection, name, scheduled_at);
    std::optional<std::int64_t> slot;
    if (scheduled_at) {
        slot = due(*found.job, *scheduled_at);
        if (!slot) {
            pg::notice("job \"" + name + "\" is not due");
            return;
        }
        expect_runs_of(name);
        look_anew(connection);
    }
    const auto known = [&] { pg::notice("job \"" + name + "\" was run for this time already"); };
    if (slot && !status_at(*found.job, *slot).empty())
        return known();
    pg::point("job.lock");
    pg::session_lock lock("job", name);
    if (!lock.try_take()) {
        if (slot) {
            if (is_run_elsewhere(connection, *found.job, *slot))
                return known();
            skip(connection, found.loaded.definition, name, slot, "its last run is still going on");
            return;
        }
        if (!pg::wait_on_overlap())
            throw error(sqlstate::busy, "job \"" + name + "\" is being run by another session", "",
                        "Wait for it to end (SELECT * FROM barometre.progress; shows what it is at), or SET "
                        "barometre.on_overlap = 'wait' to wait in the queue.");
        wait_in_queue(name, lock);
        found = load(connection, name, scheduled_at); // the project may be another one by now
    }
    look_anew(connection);
    if (slot && !status_at(*found.job, *slot).empty()) // it ended between the two looks
        return known();
    if (from_failed) {
        const earlier_run earlier = find_failed_run(*found.job);
        connection.commit();
        pg::notice("job \"" + name + "\" " + earlier.sentence());
        execute(connection, std::move(found), earlier.slot, pg::now_us() / 1'000'000, {}, &earlier);
        return;
    }
    connection.commit();
    execute(connection, std::move(found), slot, scheduled_at);
}

} // namespace barometre::job
