#pragma once

#include "core/json/writer.h"
#include "core/project/project.h"
#include "core/stopwatch.h"
#include "pg/autonomous.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/spi.h"

#include <functional>

/// The memory of runs: what every call that begins leaves behind, whatever becomes of its work.
namespace barometre::run {

/// What one step of a run did: one row of barometre.step.
struct step {
    std::string kind, name, status = "succeeded", why;
    std::int64_t files = 0, read = 0, records = 0, inserted = 0, updated = 0, unchanged = 0;
    std::int64_t deleted = 0, rejected = 0, superseded = 0, blank_lines = 0, bytes = 0;
    std::optional<std::int64_t> rows; ///< that its table has afterwards; nothing: it has none, or nothing was done
    double seconds = 0;
    std::string sqlstate, message;
    std::vector<pg::told_warning> warnings; ///< that were told of it
};

/// What one data test found: one row of barometre.test_result.
struct test_result {
    std::string target, test, severity, status;
    std::int64_t failures = 0;
    double seconds = 0;
    std::string message, sample; ///< sample: JSON, or empty
};

/// How new the data of a source are: one row of barometre_internal.source_age.
struct source_age {
    std::string source, status = "unknown"; ///< as in barometre.freshness; unknown: it could not be measured
    pg::cell newest{};                      ///< a timestamptz; nothing: it has no data
    std::string error{};                    ///< why it could not be measured
};

/// One run in barometre.run, and its steps. The rows of a run that succeeds
/// commit with its work; those of a run that fails are written though its work
/// is rolled back (pg/autonomous), and one whose server process dies is found
/// as interrupted by the next call.
class record {
public:
    /// Begins a run. `of`: the project that it uses; not read: its hash is not known. `committing`: the caller is a
    /// procedure and has commits of its own: the row is written here, and the caller commits. `scheduled`: the minute
    /// for which a schedule started it, as a timestamptz; empty: somebody called it.
    record(std::string kind, std::string name, const project::project &of, bool committing = false,
           std::string scheduled = {});

    ~record();
    record(const record &) = delete;
    record &operator=(const record &) = delete;

    std::int64_t id() const { return id_; }
    void add(step s);
    /// More records that could not be loaded, as barometre.reject takes them (a JSON array), of what was undone:
    /// written whether the run succeeds or fails.
    void keep_rejects(const std::string &json);
    void keep_test(const test_result &t); ///< written whether the run succeeds or fails
    void keep_age(const source_age &a);   ///< the same
    /// What the steps did so far was undone: they are kept as skipped, for this reason.
    void undo_steps(const std::string &why);
    std::size_t steps() const { return steps_.size(); }

    void write_steps();                ///< committing only: writes the steps so far, in the current transaction
    void skip(const std::string &why); ///< committing only: writes that there was nothing but a reason not to run
    void succeed();                    ///< writes the rows, in the current transaction; removes old ones
    void fail(const error &e);         ///< writes them, whatever becomes of the transaction; committing: in it
    /// committing only: its work begins now, with this project; until then it waited
    void restart(const project::project &of);
    /// committing only: the same as fail(), but not by this transaction, which is fit for nothing
    void fail_elsewhere(const error &e);
    /// committing only: of a job, its steps as JSON, and what is to be said of it unless it fails
    void know_job(const std::string &steps, const std::string &note);
    void release(); ///< committing only: lets go of the run's lock, after the last commit or rollback

private:
    bool write(const std::string &status,
               const error *e) const; ///< whether it was; what has ended is not written again
    void tell_late() const;
    std::string json(const std::string &status, const error *e, bool on_abort = false) const;
    pg::autonomous::note note(std::string json) const;

    std::int64_t id_ = 0;
    std::string kind_, name_, role_, started_at_, scheduled_;
    std::string project_hash_, git_commit_; ///< empty: not known
    std::string note_;                      ///< that is its message, unless there is an error
    bool streams_have_freshness_;           ///< any of the project's
    bool committing_;
    bool is_written_ = false; ///< as one that succeeded, in this transaction
    std::vector<step> steps_;
    std::string rejects_; ///< JSON
    json::array tests_, ages_;
    std::vector<std::string> sources_;     ///< whose ages these are
    std::optional<pg::session_lock> lock_; ///< committing only; of others it is the transaction's
};

/// Whether a run is marked so by what is committed now, whatever the current query sees.
bool is_running(std::int64_t id);

/// Does `work`, which writes about runs, and commits. A cancel waits for that. When it throws, nothing was written, and
/// the transaction is a new one.
void write_and_commit(pg::spi &connection, const std::function<void()> &work);
/// Writes that a committing run failed, and commits. If that can't be done now it is done later (pg/unwritten).
void fail_and_commit(pg::spi &connection, record &memory, const error &failure);

} // namespace barometre::run
