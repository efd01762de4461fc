#include "run/record.h"
#include "core/text/text.h"
#include "pg/cancels.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/settings.h"
#include "pg/time.h"
#include "pg/transaction.h"
#include "pg/unwritten.h"
#include "run/prune.h"
#include "run/statements.h"

#include <algorithm>

namespace barometre::run {

namespace {

/// What is written about runs waits for a lock, if it must, whatever the role's lock_timeout says of its own work.
template <class F> void write_down(F &&f) {
    pg::as_extension([&] {
        pg::no_lock_timeout();
        f();
    });
}

constexpr int longest_wait_ms = 2000;

/// The runs of this session that are going on across transactions. It has their locks itself.
std::vector<std::int64_t> mine;

/// Whether it says of any stream how old its data may be.
bool has_freshness(const project::project &p) {
    return std::ranges::any_of(p.taps, [](const project::tap &t) {
        return t.settings.freshness || std::ranges::any_of(t.streams, [](const auto &s) { return bool(s.freshness); });
    });
}

void log_alarms(const pg::result &written) {
    for (const pg::row &r : written.rows)
        if (r.at(0))
            pg::log_warning(*r.at(0));
}

} // namespace

record::record(std::string kind, std::string name, const project::project &of, bool committing, std::string scheduled)
    : kind_(std::move(kind)), name_(std::move(name)), role_(pg::role_name(pg::current_role())),
      scheduled_(std::move(scheduled)), project_hash_(of.hash), git_commit_(of.commit),
      streams_have_freshness_(has_freshness(of)), committing_(committing) {
    pg::refuse_read_only("baro_" + (kind_ == "sql" ? "job" : kind_)); // SQL of a job may have made it so
    bool others_are_gone = false;
    write_down([&] {
        if (committing_)
            log_alarms(pg::sql(interrupt_runs_statement, {json("running", nullptr)}));
        else if (!pg::has_one_snapshot())
            others_are_gone = pg::sql(find_gone_runs_statement, {json("running", nullptr)}).yes(0, 0);
        auto begun = pg::sql(
            "SELECT nextval(pg_get_serial_sequence('barometre.run', 'id')) AS id, clock_timestamp() AS started_at");
        id_ = begun.number(0, "id");
        started_at_ = begun.text(0, "started_at");
        if (committing_) {
            lock_.emplace(id_);
            lock_->wait();
            write("running", nullptr);
        } else {
            pg::lock_run(id_);
        }
    });
    if (committing_) {
        mine.push_back(id_);
        pg::unwritten::on_exit(note(json("running", nullptr, true)));
        return;
    }
    pg::unwritten::on_abort(note(json("running", nullptr, true)));
    // In a transaction with one snapshot a row that another process writes would be a conflict that can't be seen.
    if (pg::has_one_snapshot())
        return;
    pg::autonomous::note begun = note(json("running", nullptr));
    begun.how.write = begin_run_statement;
    if (others_are_gone)
        begun.how.first = interrupt_runs_statement;
    const auto worker = pg::autonomous::worker::start(begun);
    if (worker && others_are_gone) // so that who looks after this call sees it written down
        worker->wait(longest_wait_ms);
}

void record::add(step s) { steps_.push_back(std::move(s)); }

void record::keep_rejects(const std::string &json) {
    if (rejects_.empty())
        rejects_ = json;
    else if (json.size() > 2)
        rejects_ = rejects_.substr(0, rejects_.size() - 1) + (rejects_.size() > 2 ? "," : "") + json.substr(1);
}

void record::keep_test(const test_result &t) {
    json::object one;
    one.add("failures", t.failures)
        .add("target", t.target)
        .add("test", t.test)
        .add("severity", t.severity)
        .add("status", t.status);
    one.add_some("message", t.message).raw("seconds", text::format_seconds(t.seconds));
    if (!t.sample.empty())
        one.raw("sample", t.sample);
    tests_.raw(one.text());
}

void record::keep_age(const source_age &a) {
    json::object one;
    one.add("source", a.source).add("measured_at", pg::now_text());
    if (a.newest)
        one.add("newest", *a.newest);
    one.add_some("error", a.error);
    ages_.raw(one.text());
    sources_.push_back(a.source);
}

void record::undo_steps(const std::string &why) {
    for (step &s : steps_)
        if (s.status == "succeeded") {
            s.status = "skipped";
            s.why = (s.why.empty() ? "" : s.why + "; ") + why;
        }
}

bool record::write(const std::string &status, const error *e) const {
    const auto written = pg::sql(write_run_statement, {json(status, e)});
    log_alarms(written);
    return !written.rows.empty();
}

void record::tell_late() const {
    json::array given;
    const auto give = [&](const char *kind, const std::string &name) {
        given.raw(json::object().add("kind", kind).add("name", name).text());
    };
    if (streams_have_freshness_)
        for (const step &s : steps_)
            if (s.kind == "stream")
                give("stream", s.name);
    for (const std::string &name : sources_)
        give("source", name);
    if (!given.empty())
        pg::sql(tell_late_statement, {std::to_string(id_), kind_, name_, given.text()});
}

pg::autonomous::note record::note(std::string json) const {
    return {id_, {"", finish_run_statement, write_run_statement}, std::move(json), {}, false};
}

void record::succeed() {
    pg::point("run.success");
    write_down([&] {
        if (write("succeeded", nullptr))
            tell_late();
        is_written_ = true;
        prune_runs();
    });
}

void record::write_steps() {
    write_down([&] { write("running", nullptr); });
}

void record::skip(const std::string &why) {
    const error reason("", why);
    write_down([&] { write("skipped", &reason); });
}

void record::fail(const error &e) {
    if (committing_)
        write_down([&] { write("failed", &e); });
    else if (is_written_) // a worker would wait for what this transaction wrote
        pg::unwritten::on_abort(note(json("failed", &e)));
    else
        pg::unwritten::now(note(json("failed", &e)));
}

void record::fail_elsewhere(const error &e) { pg::unwritten::now(note(json("failed", &e))); }

record::~record() { release(); } // where an error took a way of its own

void record::restart(const project::project &of) {
    project_hash_ = of.hash;
    git_commit_ = of.commit;
    streams_have_freshness_ = has_freshness(of);
    write_down([&] {
        started_at_ = pg::sql("UPDATE barometre.run SET started_at = clock_timestamp(), project_hash = nullif($2, ''), "
                              "git_commit = nullif($3, '') WHERE id = $1::bigint RETURNING started_at",
                              {std::to_string(id_), project_hash_, git_commit_})
                          .text(0, 0);
    });
}

void record::know_job(const std::string &steps, const std::string &note) {
    note_ = note;
    write_down([&] {
        pg::sql("UPDATE barometre.run SET job_steps = $2::jsonb, message = nullif($3, '') WHERE id = $1::bigint",
                {std::to_string(id_), steps, note});
    });
}

void record::release() {
    if (committing_)
        pg::unwritten::forget(id_);
    std::erase(mine, id_);
    lock_.reset();
}

std::string record::json(const std::string &status, const error *e, bool on_abort) const {
    json::object out;
    out.add("id", id_).add("kind", kind_).add("name", name_).add("role", role_).add("started_at", started_at_);
    out.add_some("project_hash", project_hash_).add_some("git_commit", git_commit_);
    out.add_some("scheduled_for", scheduled_).add("status", status);
    if (status != "running")
        out.add("finished_at", pg::now_text());
    if (on_abort)
        out.add("on_abort", true);
    if (status == "running") {
        json::array alive;
        for (const std::int64_t id : mine)
            alive.raw(std::to_string(id));
        out.raw("alive", alive.text());
    }
    if (e)
        out.add_some("sqlstate", e->sqlstate)
            .add_some("message", e->message)
            .add_some("detail", e->detail)
            .add_some("hint", e->hint);
    else
        out.add_some("message", note_);
    json::array steps;
    // While it goes on each step is written as it ends: those before it are there, and are not sent again.
    const std::size_t first = status == "running" && !steps_.empty() ? steps_.size() - 1 : 0;
    auto number = static_cast<int>(first);
    for (std::size_t i = first; i < steps_.size(); ++i) {
        const step &s = steps_[i];
        json::object one;
        one.add("number", ++number)
            .add("kind", s.kind)
            .add("name", s.name)
            .add("status", s.status)
            .add_some("why", s.why);
        one.add("files", s.files)
            .add("read", s.read)
            .add("records", s.records)
            .add("inserted", s.inserted)
            .add("updated", s.updated);
        one.add("unchanged", s.unchanged)
            .add("deleted", s.deleted)
            .add("rejected", s.rejected)
            .add("superseded", s.superseded);
        one.add("blank_lines", s.blank_lines).add("bytes", s.bytes).raw("seconds", text::format_seconds(s.seconds));
        if (s.rows)
            one.add("rows", *s.rows);
        one.add_some("sqlstate", s.sqlstate).add_some("message", s.message);
        json::array warnings;
        for (const pg::told_warning &w : s.warnings) {
            json::object told;
            told.add("message", w.message).add_some("detail", w.detail).add_some("hint", w.hint);
            warnings.raw(told.text());
        }
        if (!warnings.empty())
            one.raw("warnings", warnings.text());
        steps.raw(one.text());
    }
    out.raw("steps", steps.text());
    if (!tests_.empty())
        out.raw("tests", tests_.text());
    if (!ages_.empty())
        out.raw("ages", ages_.text());
    if (status != "running" && !rejects_.empty())
        out.raw("rejects", rejects_);
    return out.text();
}

bool is_running(std::int64_t id) {
    return pg::as_extension([&] {
        return pg::sql_now("SELECT EXISTS (SELECT FROM barometre.run WHERE id = $1::bigint AND status = 'running')",
                           {std::to_string(id)})
            .yes(0, 0);
    });
}

void write_and_commit(pg::spi &connection, const std::function<void()> &work) {
    const pg::held_cancels held;
    pg::read_committed();
    try {
        pg::in_subtransaction(work);
        connection.commit();
    } catch (const error &) {
        connection.rollback();
        throw;
    }
}

void fail_and_commit(pg::spi &connection, record &memory, const error &failure) {
    try {
        write_and_commit(connection, [&] { memory.fail(failure); });
    } catch (const error &e) {
        pg::log_warning("what went wrong in run " + std::to_string(memory.id()) +
                        " could not be written down: " + e.message);
        memory.fail_elsewhere(failure);
    }
}

} // namespace barometre::run
