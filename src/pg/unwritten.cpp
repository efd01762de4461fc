#include "pg/unwritten.h"
#include "pg/guard.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/settings.h"
#include "pg/spi.h"
#include "pg/time.h"
#include "pg/transaction.h"

#include <algorithm>
#include <list>

extern "C" {
#include "storage/latch.h"
#include "storage/pmsignal.h"
#include "tcop/tcopprot.h"
#include "utils/timeout.h"
}

namespace barometre::pg::unwritten {

namespace {

using autonomous::note;
using autonomous::worker;

constexpr int longest_wait_ms = 2000, look_ms = 20;

enum class state {
    on_abort, ///< of `within`
    on_exit,
    due,    ///< by its worker, if it has one
    written ///< in `within`
};

struct entry {
    note what;
    state now;
    SubTransactionId within = InvalidSubTransactionId;
    std::unique_ptr<worker> writer;
    bool is_locked = false; ///< the run, by the session
};
std::list<entry> entries;

using place = std::list<entry>::iterator;

/// Raises nothing.
place drop(place e) {
    if (e->is_locked)
        let_run_go(e->what.run);
    return entries.erase(e);
}

entry &enter(note what, state now) {
    for (entry &e : entries)
        if (e.what.run == what.run) {
            e.what = std::move(what);
            e.now = now;
            e.writer.reset();
            return e;
        }
    return entries.emplace_back(std::move(what), now);
}

/// Forgets what was written, and lets go of workers that died.
void look_at_workers() {
    for (auto e = entries.begin(); e != entries.end();) {
        const bool is_gone = e->writer && e->writer->is_gone(); // asked first: it writes, and then goes
        if (e->writer && e->writer->has_written()) {
            e = drop(e);
            continue;
        }
        if (is_gone)
            e->writer.reset();
        ++e;
    }
}

/// Its run is alive until it is written.
void lock(entry &e) {
    if (!e.is_locked)
        e.is_locked = keep_run(e.what.run);
}

void tell_no_worker(std::int64_t run) {
    call([&] {
        ereport(WARNING,
                (errmsg("the end of barometre's run %lld is not recorded yet, because no background worker could be "
                        "started",
                        static_cast<long long>(run)),
                 errdetail("This session records it in its next call of barometre, or when it ends."),
                 errhint("If all of them are busy, raise max_worker_processes.")));
    });
}

/// An abort can't wait, and must go on whatever happens.
void fall_due(entry &e) noexcept {
    try {
        const bool is_new = e.now == state::on_abort;
        if (is_new) {
            e.what.ended = now_text();
            e.what.session_ended = proc_exit_inprogress;
        }
        e.now = state::due;
        lock(e);
        if (proc_exit_inprogress)
            return;
        e.writer = worker::start(e.what);
        if (!e.writer && is_new)
            tell_no_worker(e.what.run);
    } catch (...) { // it is due
    }
}

extern "C" void at_transaction_end(XactEvent event, void *) {
    if (event != XACT_EVENT_ABORT && event != XACT_EVENT_COMMIT)
        return;
    look_at_workers();
    for (auto e = entries.begin(); e != entries.end();) {
        if (e->now != state::on_abort && e->now != state::written) {
            ++e;
        } else if (event == XACT_EVENT_COMMIT) {
            e = drop(e);
        } else {
            fall_due(*e);
            ++e;
        }
    }
}

extern "C" void at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *) {
    for (entry &e : entries) {
        if (e.within != mine || (e.now != state::on_abort && e.now != state::written))
            continue;
        if (event == SUBXACT_EVENT_ABORT_SUB)
            fall_due(e);
        else if (event == SUBXACT_EVENT_COMMIT_SUB)
            e.within = parent;
    }
}

/// In the current transaction.
void write(entry &e) {
    as_extension([&] {
        no_lock_timeout();
        const note &n = e.what;
        const result last =
            sql(n.how.finish, {n.text, n.session_ended ? "true" : "false", n.ended.empty() ? cell() : cell(n.ended)});
        if (last.empty())
            return;
        for (const row &alarm : sql(n.how.write, {last.at(0, 0)}).rows)
            if (alarm.at(0))
                log_warning(*alarm.at(0));
    });
    e.now = state::written;
    e.within = GetCurrentSubTransactionId();
}

bool is_left(const entry &e) { return e.now == state::due && !e.writer; }

/// A lock that is not let go of must not keep a session that is ending: nothing cancels it any more, but for this.
extern "C" void end_at_once() {
    InterruptPending = true;
    ProcDiePending = true;
    SetLatch(MyLatch);
}

// The two ends of a session, in the order in which they come; an error in the first one leads to the second.

extern "C" void write_at_exit(int, Datum) {
    look_at_workers();
    if (entries.empty() || !PostmasterIsAlive())
        return;
    AbortOutOfAnyTransaction(); // of which something may fall due
    whereToSendOutput = DestNone;
    for (entry &e : entries)
        if (e.now == state::on_exit) {
            e.now = state::on_abort;
            fall_due(e);
        }
    // Those that workers are at: as long as this session is here its locks tell that their runs are alive.
    for (int waited = 0; waited < longest_wait_ms && std::any_of(entries.begin(), entries.end(),
                                                                 [](const entry &e) { return e.writer != nullptr; });
         waited += look_ms) {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, look_ms, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        look_at_workers();
    }
    if (std::none_of(entries.begin(), entries.end(), is_left))
        return;
    disable_all_timeouts(false);
    enable_timeout_after(RegisterTimeout(USER_TIMEOUT, end_at_once), longest_wait_ms);
    ClientConnectionLost = false;
    const std::uint32_t held = InterruptHoldoffCount;
    InterruptHoldoffCount = 0;
    StartTransactionCommand();
    XactReadOnly = false;
    XactIsoLevel = XACT_READ_COMMITTED;
    PushActiveSnapshot(GetTransactionSnapshot());
    set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
    try {
        const spi connection;
        for (entry &e : entries)
            if (is_left(e))
                write(e);
    } catch (...) { // no error of the server's, which ends the process
    }
    PopActiveSnapshot();
    CommitTransactionCommand();
    InterruptHoldoffCount = held;
    disable_all_timeouts(false);
}

extern "C" void hand_over_at_exit(int, Datum) {
    for (entry &e : entries)
        if (!e.writer && (e.now == state::due || e.now == state::written))
            try {
                e.writer = worker::start(e.what);
            } catch (...) {
            }
}

} // namespace

void watch_exit() {
    static bool registered = false;
    if (registered)
        return;
    call([] {
        before_shmem_exit(hand_over_at_exit, 0); // the last one that is registered comes first
        before_shmem_exit(write_at_exit, 0);
        RegisterXactCallback(at_transaction_end, nullptr);
        RegisterSubXactCallback(at_subtransaction_end, nullptr);
    });
    registered = true;
}

void on_abort(note what) {
    watch_exit();
    enter(std::move(what), state::on_abort).within = GetCurrentSubTransactionId();
}

void on_exit(note what) {
    watch_exit();
    enter(std::move(what), state::on_exit);
}

void forget(std::int64_t run) {
    for (auto e = entries.begin(); e != entries.end(); ++e)
        if (e->what.run == run && e->now == state::on_exit) {
            drop(e);
            return;
        }
}

void now(note what) noexcept {
    try {
        watch_exit();
        what.ended = now_text();
        const std::int64_t run = what.run;
        enter(std::move(what), state::due);
        const auto end = GetCurrentTimestamp() + longest_wait_ms * INT64CONST(1000);
        std::set<std::int64_t> tried; // a worker that died would die again
        do {
            look_at_workers();
            bool is_over = true;
            for (entry &e : entries) {
                if (is_left(e) && !tried.contains(e.what.run) && (e.writer = worker::start(e.what)))
                    tried.insert(e.what.run);
                is_over &= e.now != state::due || (!e.writer && tried.contains(e.what.run));
            }
            if (is_over)
                break;
        } while (GetCurrentTimestamp() < end && autonomous::doze(look_ms));
        if (std::any_of(entries.begin(), entries.end(),
                        [&](const entry &e) { return e.what.run == run && is_left(e); }))
            tell_no_worker(run);
    } catch (...) { // it is due
    }
    for (entry &e : entries)
        if (e.now == state::due)
            lock(e);
}

void settle() {
    if (entries.empty())
        return;
    look_at_workers();
    // With one snapshot, a row that another process wrote would be a conflict.
    if (std::none_of(entries.begin(), entries.end(), is_left) || is_read_only() || has_one_snapshot())
        return;
    try {
        in_subtransaction([] {
            for (entry &e : entries)
                if (is_left(e))
                    write(e);
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        log_warning("barometre: the end of a run could not be recorded: " + e.message);
    }
}

} // namespace barometre::pg::unwritten
