#include "job/job.h"
#include "core/error.h"
#include "job/calls.h"
#include "job/cron.h"
#include "job/due.h"
#include "pg/locks.h"
#include "pg/settings.h"
#include "pg/time_limit.h"

#include <algorithm>

namespace barometre::job {

namespace {

/// Whether the same step may succeed when it is tried again: what is wrong is not in the project, the data or the rights.
bool may_pass_later(const error &e) {
    const std::string group = e.sqlstate.substr(0, 2);
    for (const char *lasting : {"0A", "22", "23", "42"})
        if (group == lasting)
            return false;
    for (const char *lasting : {sqlstate::not_configured, sqlstate::project_invalid, sqlstate::unknown_name, sqlstate::bad_record, sqlstate::bad_graph,
                                sqlstate::contract, sqlstate::test_failed})
        if (e.sqlstate == lasting)
            return false;
    return e.sqlstate != "57014"; // a cancel
}

using kinds = project::step_kind;

const char *kind_name(kinds k) {
    switch (k) {
    case kinds::run:
        return "run";
    case kinds::seed:
        return "seed";
    case kinds::transform:
        return "transform";
    case kinds::test:
        return "test";
    case kinds::sql:
        return "sql";
    }
    return "";
}

/// What a step is about, as the project file says it.
std::string what(const project::job_step &s) {
    if (s.kind == kinds::transform || s.kind == kinds::test)
        return s.selection;
    if (s.kind == kinds::sql)
        return s.sql;
    std::string list;
    for (const std::string &name : s.names)
        list += (list.empty() ? "" : ", ") + (s.kind == kinds::run ? s.tap + "." + name : name);
    return !list.empty() ? list : s.tap.empty() ? "*" : s.tap;
}

std::string shown(const project::job_step &s) {
    std::string text = what(s);
    text.resize(std::min(text.size(), text.find('\n')));
    if (text.size() > 40) {
        text.resize(37);
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
            text.pop_back();
        text += "...";
    }
    return std::string(kind_name(s.kind)) + " " + text;
}

/// One job on its way.
class execution {
public:
    execution(pg::spi &connection, const loaded_project &loaded, const project::job &j) : connection_(connection), loaded_(loaded), j_(j) {}

    /// Makes all steps, and gives what went wrong.
    std::vector<std::string> steps(run &memory) {
        std::vector<std::string> failures;
        const pg::time_limit limit(j_.timeout);
        for (const project::job_step &s : j_.steps) {
            const std::string number = std::to_string(memory.steps() + 1) + "/" + std::to_string(j_.steps.size());
            step done;
            done.kind = kind_name(s.kind);
            done.name = what(s);
            if (!failures.empty() && (!j_.continues || is_over_)) {
                done.status = "skipped";
                done.why = is_over_ ? "the job was stopped" : "a step before it failed";
            } else {
                pg::show_progress("baro_job " + number + " " + shown(s));
                make(s, done);
            }
            if (done.status == "failed")
                failures.push_back("step " + number + " (" + shown(s) + "): " + done.message);
            pg::notice("job " + j_.name + ", step " + number + " " + shown(s) + ": " + done.status + (done.why.empty() ? "" : ", " + done.why) +
                       (done.status == "skipped" ? "" : ", " + format_seconds(done.seconds) + " s"));
            memory.add(done);
            memory.write_steps();
            connection_.commit();
        }
        return failures;
    }

private:
    /// A step, again until it succeeds or its retries are used up.
    void make(const project::job_step &s, step &done) {
        stopwatch watch;
        for (int attempt = 0;; ++attempt) {
            try {
                once(s, done);
                done.status = "succeeded";
                done.sqlstate = done.message = "";
                break;
            } catch (const error &e) {
                done.status = "failed";
                done.sqlstate = e.sqlstate;
                done.message = pg::time_limit::reached() ? "the job's timeout of " + std::to_string(j_.timeout) + " s is over" : e.message;
                is_over_ = e.sqlstate == "57014";
                if (attempt >= j_.retries || !may_pass_later(e))
                    break;
                pg::warning("job \"" + j_.name + "\": " + shown(s) + " failed, and is tried again in " + std::to_string(j_.retry_delay) + " s: " + e.message, e.hint);
                done.why = "attempt " + std::to_string(attempt + 2) + " of " + std::to_string(j_.retries + 1);
            }
            if (!pause(j_.retry_delay)) {
                is_over_ = true;
                break;
            }
        }
        done.seconds = watch.seconds();
    }

    /// Waits without a snapshot; false: a cancel came, or the job's time is over.
    bool pause(std::int64_t seconds) {
        try {
            pg::in_subtransaction([&] {
                for (stopwatch waited; waited.seconds() < static_cast<double>(seconds);)
                    pg::sleep_ms(200);
            });
            return true;
        } catch (const error &) {
            return false;
        }
    }

    void once(const project::job_step &s, step &done) {
        std::vector<step> streams;
        seeded seeds;
        const std::optional<std::vector<std::string>> names = s.names.empty() ? std::nullopt : std::optional(s.names);
        tested results;
        model::transform_options options;
        switch (s.kind) {
        case kinds::run:
            committing(connection_, loaded_, load(loaded_, s.tap, names, s.full_refresh, streams));
            for (const step &one : streams) {
                done.records += one.records;
                done.inserted += one.inserted;
                done.updated += one.updated;
                done.unchanged += one.unchanged;
                done.rejected += one.rejected;
            }
            break;
        case kinds::seed:
            committing(connection_, loaded_, seed(loaded_, names, seeds));
            for (const auto &[state, one] : seeds)
                done.records += one.records;
            break;
        case kinds::transform:
            options.selection = s.selection;
            options.exclude = s.exclude;
            options.full_refresh = s.full_refresh;
            options.skip_failures = s.skips_failures;
            committing(connection_, loaded_, transform(loaded_, options));
            break;
        case kinds::test:
            committing(connection_, loaded_, test(loaded_, s.selection, results));
            judge(results, done);
            break;
        case kinds::sql:
            committing(connection_, loaded_, {"sql", j_.name, [&](run &) { pg::script(s.sql); }});
            break;
        }
    }

    static void judge(const tested &results, step &done) {
        std::string failing;
        std::int64_t bad = 0;
        for (const auto &[t, o] : results) {
            ++done.records;
            if (!o.bad())
                continue;
            ++bad;
            if (bad <= 3)
                failing += (failing.empty() ? "" : "; ") + t.target + " " + t.name + (o.status == "error" ? " (error)" : " (" + format_count(o.failures) + " rows)");
        }
        if (bad > 0)
            throw error(sqlstate::test_failed, std::to_string(bad) + (bad == 1 ? " test failed: " : " tests failed: ") + failing + (bad > 3 ? "; ..." : ""));
    }

    pg::spi &connection_;
    const loaded_project &loaded_;
    const project::job &j_;
    bool is_over_ = false; ///< cancelled, or out of time
};

std::string timestamptz(std::int64_t seconds) { return pg::sql("SELECT pg_catalog.to_timestamp($1::bigint)", {std::to_string(seconds)}).text(0, 0); }

/// Runs on_failure_sql, with the run's number, the job's name and what failed as $1, $2 and $3.
void alert(pg::spi &connection, const loaded_project &loaded, const project::job &j, std::int64_t id, const std::string &message) {
    if (j.on_failure_sql.empty())
        return;
    try {
        committing(connection, loaded, {"sql", j.name + " on_failure_sql", [&](run &) { pg::sql(j.on_failure_sql, {std::to_string(id), j.name, message}); }});
    } catch (const error &e) {
        pg::warning("on_failure_sql of job \"" + j.name + "\" failed: " + e.message, e.hint, e.detail);
    }
}

void execute(pg::spi &connection, const loaded_project &loaded, const project::job &j, std::optional<std::int64_t> slot) {
    run memory("job", j.name, true, slot ? timestamptz(*slot) : "");
    connection.commit();
    const std::vector<std::string> failures = execution(connection, loaded, j).steps(memory);
    if (failures.empty()) {
        memory.succeed();
        connection.commit();
        memory.release();
        return;
    }
    std::string all;
    for (const std::string &f : failures)
        all += (all.empty() ? "" : "; ") + f;
    error failed(sqlstate::job_failed, "job \"" + j.name + "\" failed: " + failures.front(), failures.size() > 1 ? "All that failed: " + all + "." : "",
                 "SELECT * FROM barometre.failures; says more. Then run it again: CALL baro_job(" + pg::quote_literal(j.name) + ");");
    memory.fail(failed);
    connection.commit();
    memory.release();
    alert(connection, loaded, j, memory.id(), all);
    connection.commit();
    throw failed;
}

void skip(pg::spi &connection, const project::job &j, std::optional<std::int64_t> slot, const std::string &why) {
    run memory("job", j.name, true, slot ? timestamptz(*slot) : "");
    memory.skip(why);
    connection.commit();
    memory.release();
    pg::warning("job \"" + j.name + "\" is skipped: " + why);
}

/// Holds the session's lock on a job, whose call may commit.
class job_lock {
public:
    job_lock(const std::string &job, bool wait) : job_(job) {
        held_ = pg::try_lock_name("job", job, pg::lock_holder::session);
        if (!held_ && wait) {
            pg::wait_for_name("job", job, pg::lock_holder::session);
            held_ = true;
        }
    }
    ~job_lock() {
        try {
            if (held_)
                pg::unlock_name_of_session("job", job_);
        } catch (...) { // it ends with the session
        }
    }
    job_lock(const job_lock &) = delete;
    job_lock &operator=(const job_lock &) = delete;
    bool held() const { return held_; }

private:
    const std::string job_;
    bool held_ = false;
};

} // namespace

void run_job(pg::spi &connection, const std::string &name, std::optional<std::int64_t> scheduled_at) {
    const loaded_project loaded = load_project();
    const project::project &p = loaded.definition;
    const project::job *j = p.find_job(name);
    if (!j) {
        std::vector<std::string> known;
        for (const project::job &one : p.jobs)
            known.push_back(one.name);
        throw unknown("job", name, known);
    }
    std::optional<std::int64_t> slot;
    if (scheduled_at) {
        slot = due(*j, *scheduled_at);
        if (!slot) {
            pg::notice("job \"" + name + "\" is not due");
            return;
        }
        expect_runs_of(name);
    }
    const job_lock lock(name, !scheduled_at && pg::wait_on_overlap());
    if (!lock.held()) {
        if (!scheduled_at)
            throw error(sqlstate::busy, "job \"" + name + "\" is being run by another session", "",
                        "Wait for it to end (SELECT * FROM barometre.progress; shows what it is at), or SET barometre.on_overlap = 'wait' to wait in the queue.");
        skip(connection, *j, slot, "its last run is still going on");
        return;
    }
    if (slot && was_run(*j, *slot)) {
        pg::notice("job \"" + name + "\" was run for this time already");
        return;
    }
    if (slot && !j->after.empty())
        if (const std::string why = wait_for(connection, *p.find_job(j->after), *slot); !why.empty()) {
            skip(connection, *j, slot, why);
            return;
        }
    execute(connection, loaded, *j, slot);
}

} // namespace barometre::job
