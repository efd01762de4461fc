#include "job/steps.h"
#include "call/calls.h"
#include "core/text/text.h"
#include "pg/cancels.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/settings.h"
#include "pg/transaction.h"

#include <algorithm>

namespace barometre::job {

namespace {

/// Whether the same step may succeed when it is tried again: what is wrong is not in the project, the data or the
/// rights.
bool may_pass_later(const error &e) {
    const std::string group = e.sqlstate.substr(0, 2);
    for (const char *lasting : {"0A", "22", "23", "42"})
        if (group == lasting)
            return false;
    for (const char *lasting : {sqlstate::not_configured, sqlstate::project_invalid, sqlstate::unknown_name,
                                sqlstate::bad_record, sqlstate::bad_graph, sqlstate::contract, sqlstate::test_failed})
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

/// A step did what it could, and left out what it could not: those after it are done all the same.
struct left_out : error {
    using error::error;
};

/// Throws it if a call left out anything.
void refuse_left_out(const std::vector<run::step> &done) {
    std::vector<const run::step *> failed;
    for (const run::step &s : done)
        if (s.status == "failed")
            failed.push_back(&s);
    if (failed.empty())
        return;
    const run::step &first = *failed.front();
    throw left_out(first.sqlstate.empty() ? sqlstate::test_failed : first.sqlstate,
                   (failed.size() == 1 ? "1 " + first.kind + " was left out: "
                                       : std::to_string(failed.size()) + " were left out; the first: ") +
                       (first.message.empty()
                            ? first.kind + " \"" + first.name + "\"" + (first.why.empty() ? "" : ": " + first.why)
                            : first.message),
                   "", "SELECT * FROM barometre.failures; says what is wrong, and what to do.");
}

/// What a step is about, as the project file says it.
std::string what(const project::job_step &s) {
    if (s.kind == kinds::transform || s.kind == kinds::test)
        return s.selection;
    if (s.kind == kinds::sql)
        return s.sql;
    const std::string list = text::join(
        s.names, ", ", [&](const std::string &name) { return s.kind == kinds::run ? s.tap + "." + name : name; });
    return !list.empty() ? list : s.tap.empty() ? "*" : s.tap;
}

std::string shown(const project::job_step &s) {
    std::string text = what(s);
    text.resize(std::min(text.size(), text.find('\n')));
    return std::string(kind_name(s.kind)) + " " + text::shortened(text, 40);
}

/// One job on its way.
class execution {
public:
    execution(pg::spi &connection, const registry::loaded_project &loaded, const project::job &j)
        : connection_(connection), loaded_(loaded), j_(j) {}

    std::vector<std::string> steps(run::record &memory, const std::vector<std::string> &done_before) {
        for (const project::job_step &s : j_.steps) {
            pg::point("job.step");
            number_ = memory.steps() + 1;
            const pg::heard_warnings heard;
            run::step done;
            done.kind = kind_name(s.kind);
            done.name = what(s);
            if (number_ <= done_before.size() && !done_before[number_ - 1].empty()) {
                done.status = "unchanged";
                done.why = done_before[number_ - 1];
            } else if (is_over_ || (has_stopped_ && !j_.skips_failures)) {
                done.status = "skipped";
                done.why = is_over_ ? "the job was stopped" : "a step before it failed";
            } else {
                make(s, done);
                look_around(&s == &j_.steps.back());
            }
            done.warnings = heard.all();
            const std::size_t told = done.warnings.size();
            const pg::held_cancels held; // also a message looks for one
            pg::notice("job " + j_.name + ", " + place() + " " + shown(s) + ": " + done.status +
                       (done.why.empty() ? "" : ", " + done.why) +
                       (told ? ", " + std::to_string(told) + (told == 1 ? " warning" : " warnings") : "") +
                       (done.status == "skipped" || done.status == "unchanged"
                            ? ""
                            : ", " + text::format_seconds(done.seconds) + " s"));
            memory.add(done);
            run::write_and_commit(connection_, [&] { memory.write_steps(); });
        }
        return failures_;
    }

private:
    /// A step, again until it succeeds or its retries are used up.
    void make(const project::job_step &s, run::step &done) {
        stopwatch watch;
        std::string hint;
        bool goes_on = false;
        for (int attempt = 1;; ++attempt) {
            done.why =
                attempt == 1 ? "" : "attempt " + std::to_string(attempt) + " of " + std::to_string(j_.retries + 1);
            try {
                once(s, done);
                done.status = "succeeded";
                done.sqlstate = done.message = "";
                break;
            } catch (const error &e) {
                done.status = "failed";
                done.sqlstate = e.sqlstate;
                goes_on = dynamic_cast<const left_out *>(&e);
                is_over_ = e.sqlstate == "57014";
                done.message = is_over_ && pg::time_limit::reached() ? time_is_over() : e.message;
                if (attempt > j_.retries || !may_pass_later(e))
                    break;
                hint = e.hint;
            }
            try {
                pg::in_subtransaction([&] {
                    pg::warning("job \"" + j_.name + "\": " + shown(s) + " failed, and is tried again in " +
                                    std::to_string(j_.retry_delay) + " s: " + done.message,
                                hint);
                    pause(static_cast<double>(j_.retry_delay));
                });
            } catch (const error &e) {
                is_over_ = true;
                done.message = (pg::time_limit::reached() ? time_is_over() : e.message) +
                               ", while it waited to try again after: " + done.message;
                done.sqlstate = e.sqlstate;
                break;
            }
        }
        done.seconds = watch.seconds();
        has_stopped_ |= done.status == "failed" && !goes_on;
        if (done.status == "failed")
            failures_.push_back(place() + " (" + shown(s) + "): " + done.message);
    }

    /// Waits without a snapshot; throws when a cancel comes, or the job's time is over.
    void pause(double seconds) {
        show_progress("waits to try again");
        for (stopwatch waited; waited.seconds() < seconds;)
            pg::sleep_ms(200);
    }

    /// After a step: SQL can catch a cancel, and let go of all locks of its session.
    void look_around(bool is_last) {
        if (pg::time_limit::reached() && !is_over_ && !is_last) {
            is_over_ = true;
            failures_.push_back(place() + ": " + time_is_over() + ", which it took no notice of");
        }
        if (!pg::session_lock::take_again()) {
            is_over_ = true;
            failures_.push_back(
                place() +
                " let go of the session's locks (pg_advisory_unlock_all), and another session runs a job of its now");
        }
    }

    std::string time_is_over() const { return "the job's timeout of " + std::to_string(j_.timeout) + " s is over"; }

    void show_progress(const std::string &what) {
        pg::show_progress("baro_job", number_, j_.steps.size(), j_.name + ": " + what);
    }

    std::string place() const { return "step " + std::to_string(number_) + "/" + std::to_string(j_.steps.size()); }

    void once(const project::job_step &s, run::step &done) {
        const auto own = call::transactions::own(connection_);
        const std::optional<std::vector<std::string>> names = s.names.empty() ? std::nullopt : std::optional(s.names);
        model::transform::options options;
        switch (s.kind) {
        case kinds::run:
            load({.tap = s.tap, .streams = names, .full_refresh = s.full_refresh, .skips_failures = s.skips_failures},
                 done);
            break;
        case kinds::seed:
            for (const call::seeded &one : call::seed(own, loaded_, names))
                done.records += one.done.records;
            break;
        case kinds::transform:
            options.selection = s.selection;
            options.exclude = s.exclude;
            options.full_refresh = s.full_refresh;
            options.skip_failures = s.skips_failures;
            refuse_left_out(call::transform(own, loaded_, options));
            break;
        case kinds::test:
            judge(call::test(own, loaded_, s.selection), done);
            break;
        case kinds::sql:
            call::make(own, loaded_, {.kind = "sql", .name = j_.name + " step " + std::to_string(number_)},
                       [&](run::record &) {
                           show_progress("sql");
                           pg::try_lock_name("job", j_.name); // outlives pg_advisory_unlock_all()
                           pg::project_script(s.sql);
                       });
            break;
        }
    }

    void load(const call::load_options &how, run::step &done) {
        const std::vector<run::step> steps = call::load(call::transactions::own(connection_), loaded_, how);
        for (const run::step &one : steps) {
            done.records += one.records;
            done.inserted += one.inserted;
            done.updated += one.updated;
            done.unchanged += one.unchanged;
            done.rejected += one.rejected;
        }
        refuse_left_out(steps);
    }

    static void judge(const std::vector<call::tested> &results, run::step &done) {
        std::string failing;
        std::int64_t bad = 0;
        for (const auto &[t, o] : results) {
            ++done.records;
            if (!o.bad())
                continue;
            ++bad;
            if (bad <= 3)
                text::append(failing,
                             t.target + " " + t.name +
                                 (o.status == "error" ? " (error)" : " (" + text::format_count(o.failures) + " rows)"),
                             "; ");
        }
        if (bad > 0)
            throw error(sqlstate::test_failed, std::to_string(bad) + (bad == 1 ? " test failed: " : " tests failed: ") +
                                                   failing + (bad > 3 ? "; ..." : ""));
    }

    pg::spi &connection_;
    const registry::loaded_project &loaded_;
    const project::job &j_;
    std::size_t number_ = 0; ///< of the step, from 1
    std::vector<std::string> failures_;
    bool has_stopped_ = false; ///< a step failed, and not in part alone
    bool is_over_ = false;     ///< cancelled, or out of time
};

} // namespace

std::vector<std::string> run_steps(pg::spi &connection, const registry::loaded_project &loaded, const project::job &j,
                                   run::record &memory, const std::vector<std::string> &done) {
    return execution(connection, loaded, j).steps(memory, done);
}

} // namespace barometre::job
