#include "job/run.h"
#include "job/prune.h"
#include "pg/autonomous.h"
#include "pg/cancels.h"
#include "pg/identity.h"
#include "pg/settings.h"

#include <cstdio>

namespace barometre {

namespace {

/// First key of the advisory locks that say that a run is alive; the second is its id.
constexpr std::int32_t lock_class = 1650553441;

std::int32_t lock_number(std::int64_t id) { return static_cast<std::int32_t>(id % INT32_MAX); }

/// What is written about runs waits for a lock, if it must, whatever the role's lock_timeout says of its own work.
template <class F> void write_down(F &&f) {
    pg::as_extension([&] {
        pg::no_lock_timeout();
        f();
    });
}

/// The runs of this session that are going on across transactions. It has their locks itself.
std::vector<std::int64_t> mine;

std::vector<std::string> alive() {
    std::vector<std::string> out;
    for (std::int64_t id : mine)
        out.push_back(std::to_string(id));
    return out;
}

void log_alarms(const pg::result &written) {
    for (const pg::row &r : written.rows)
        if (r.at(0))
            pg::log_warning(*r.at(0));
}

std::string member(const char *key, const std::string &value) {
    return value.empty() ? std::string() : std::string(",\"") + key + "\":" + pg::json_string(value);
}

std::string member(const char *key, std::int64_t value) {
    return std::string(",\"") + key + "\":" + std::to_string(value);
}

} // namespace

run::run(std::string kind, std::string name, bool committing, std::string scheduled)
    : kind_(std::move(kind)), name_(std::move(name)), role_(pg::role_name(pg::current_role())), scheduled_(std::move(scheduled)),
      committing_(committing) {
    if (pg::is_read_only())
        throw error("25006", "what runs is written down, and nothing can be written here", "The transaction is read-only, or this server is a standby.",
                    "On a primary: SET default_transaction_read_only = off, or begin a transaction that is READ WRITE.");
    write_down([&] {
        if (!IsolationUsesXactSnapshot()) // else an update by another session would be an error here
            log_alarms(pg::sql(pg::autonomous::interrupt_runs_statement, {std::to_string(lock_class), pg::array_literal(alive())}));
        auto begun = pg::sql("SELECT nextval(pg_get_serial_sequence('barometre.run', 'id')), clock_timestamp()");
        id_ = begun.number(0, 0);
        started_at_ = begun.text(0, 1);
        if (committing_) {
            lock_.emplace(lock_class, lock_number(id_));
            lock_->wait();
            write("running", nullptr);
            mine.push_back(id_);
        } else {
            pg::sql("SELECT pg_advisory_xact_lock($1::int, $2::int)", {std::to_string(lock_class), std::to_string(lock_number(id_))});
        }
    });
    if (!committing_) {
        pg::autonomous::on_abort(id_, json("running", nullptr, true));
        // In a transaction with one snapshot a row that another process writes would be
        // a conflict that can't be seen.
        if (!IsolationUsesXactSnapshot())
            pg::autonomous::write(json("running", nullptr, false));
    }
}

void run::add(step s) { steps_.push_back(std::move(s)); }

void run::keep_test(const test_record &t) {
    tests_ += (tests_.empty() ? "{" : ",{") + ("\"failures\":" + std::to_string(t.failures)) + member("target", t.target) + member("test", t.test) +
              member("severity", t.severity) + member("status", t.status) + member("message", t.message) +
              (t.sample.empty() ? "" : ",\"sample\":" + t.sample) + ",\"seconds\":" + format_seconds(t.seconds) + "}";
}

void run::undo_steps(const std::string &why) {
    for (step &s : steps_)
        if (s.status == "succeeded") {
            s.status = "skipped";
            s.why = (s.why.empty() ? "" : s.why + "; ") + why;
        }
}

void run::write(const std::string &status, const error *e) const {
    log_alarms(pg::sql(pg::autonomous::write_run_statement, {json(status, e, false)}));
}

void run::succeed() {
    write_down([&] {
        write("succeeded", nullptr);
        prune_runs();
    });
}

void run::write_steps() {
    write_down([&] { write("running", nullptr); });
}

void run::skip(const std::string &why) {
    const error reason("", why);
    write_down([&] { write("skipped", &reason); });
}

void run::fail(const error &e) {
    if (committing_)
        write_down([&] { write("failed", &e); });
    else
        pg::autonomous::on_abort(id_, json("failed", &e, false));
}

run::~run() { release(); } // where an error took a way of its own

void run::restart() {
    write_down([&] { started_at_ = pg::sql("UPDATE barometre.run SET started_at = clock_timestamp() WHERE id = $1::bigint RETURNING started_at", {std::to_string(id_)}).text(0, 0); });
}

void run::release() {
    std::erase(mine, id_);
    lock_.reset();
}

std::string run::json(const std::string &status, const error *e, bool on_abort) const {
    const std::string finished_at = timestamptz_to_str(GetCurrentTimestamp());
    std::string out = "{\"id\":" + std::to_string(id_) + member("kind", kind_) + member("name", name_) +
                      member("role", role_) + member("started_at", started_at_) + member("scheduled_for", scheduled_) + member("status", status);
    if (status != "running")
        out += member("finished_at", finished_at);
    if (on_abort)
        out += ",\"on_abort\":true";
    if (e)
        out += member("sqlstate", e->sqlstate) + member("message", e->message) + member("detail", e->detail) +
               member("hint", e->hint);
    out += ",\"steps\":[";
    int number = 0;
    for (const step &s : steps_) {
        out += number ? ",{" : "{";
        out += "\"number\":" + std::to_string(++number) + member("kind", s.kind) + member("name", s.name) +
               member("status", s.status) + member("why", s.why) + member("files", s.files) + member("read", s.read) +
               member("records", s.records) + member("inserted", s.inserted) + member("updated", s.updated) +
               member("unchanged", s.unchanged) + member("deleted", s.deleted) + member("rejected", s.rejected) +
               member("superseded", s.superseded) + member("blank_lines", s.blank_lines) + member("bytes", s.bytes) + ",\"seconds\":" +
               format_seconds(s.seconds) + member("sqlstate", s.sqlstate) + member("message", s.message) + "}";
    }
    if (!tests_.empty())
        out += "],\"tests\":[" + tests_;
    return out + "]" + (e && !rejects_.empty() ? ",\"rejects\":" + rejects_ : "") + "}";
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

stopwatch::stopwatch() : start_(GetCurrentTimestamp()) {}

double stopwatch::seconds() const { return static_cast<double>(GetCurrentTimestamp() - start_) / 1e6; }

std::string format_seconds(double seconds) {
    char text[64];
    std::snprintf(text, sizeof text, "%.3f", seconds);
    return text;
}

std::string format_count(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), " ");
    return digits;
}

} // namespace barometre
