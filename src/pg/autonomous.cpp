#include "pg/autonomous.h"
#include "pg/guard.h"
#include "pg/locks.h"

#include <cstring>

extern "C" {
#include "port/atomics.h"
#include "postmaster/interrupt.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
}

namespace barometre::pg::autonomous {

namespace {

/// The head of a shared memory segment; `first`, `finish`, `write`, when it ended and the text follow it, each with a
/// NUL. The statements travel with the text, because a worker loads the library that is installed by then, which may be
/// of another version than what the session has and its tables are.
struct segment_head {
    std::uint32_t form; ///< `known_form`: a later library that lays segments out otherwise has another number
    Oid database;
    bool interrupted; ///< the session ended; else the transaction was rolled back
    std::int64_t run;
    Latch *waiting;            ///< of the session
    pg_atomic_uint32 progress; ///< what the session looks at
};
constexpr std::uint32_t known_form = 0xBA120002;

/// What sessions of version 0.1.0 leave: `finish`, `write` and the text follow it.
struct first_head {
    std::uint32_t form;
    Oid database;
    bool interrupted;
};
constexpr std::uint32_t first_form = 0xBA120001;

enum progress : std::uint32_t { none, attached, written };

constexpr char lock_timeout[] = "30s";

} // namespace

struct worker::parts {
    dsm_segment *segment = nullptr;
    BackgroundWorkerHandle *handle = nullptr;

    segment_head &head() const { return *static_cast<segment_head *>(dsm_segment_address(segment)); }
    bool start(const char *bytes, std::size_t size, std::int64_t run, bool session_ended);
};

/// Inside call(). False: no worker is free.
bool worker::parts::start(const char *bytes, std::size_t size, std::int64_t run, bool session_ended) {
    LWLockReleaseAll(); // as an abort would do first: an error may have left some
    segment = dsm_create(sizeof(segment_head) + size, DSM_CREATE_NULL_IF_MAXSEGMENTS);
    if (!segment)
        return false;
    head().form = known_form;
    head().database = MyDatabaseId;
    head().interrupted = session_ended;
    head().run = run;
    head().waiting = MyLatch;
    pg_atomic_init_u32(&head().progress, none);
    memcpy(&head() + 1, bytes, size);

    BackgroundWorker worker;
    memset(&worker, 0, sizeof(worker));
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_notify_pid = MyProcPid;
    strlcpy(worker.bgw_library_name, "barometre", BGW_MAXLEN);
    strlcpy(worker.bgw_function_name, "barometre_autonomous_main", BGW_MAXLEN);
    strlcpy(worker.bgw_name, "barometre: memory of runs", BGW_MAXLEN);
    strlcpy(worker.bgw_type, "barometre", BGW_MAXLEN);
    worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
    dsm_pin_segment(segment); // it may outlive the session
    MemoryContext context = MemoryContextSwitchTo(TopMemoryContext);
    const bool is_free = RegisterDynamicBackgroundWorker(&worker, &handle);
    MemoryContextSwitchTo(context);
    return is_free;
}

std::unique_ptr<worker> worker::start(const note &what) noexcept {
    // The segment and the handle are nobody's but ours: the transaction may be about to end.
    ResourceOwner owner = CurrentResourceOwner;
    CurrentResourceOwner = nullptr;
    std::unique_ptr<worker> out;
    try {
        std::string all;
        for (const std::string_view part :
             {std::string_view(what.how.first), std::string_view(what.how.finish), std::string_view(what.how.write),
              std::string_view(what.ended), std::string_view(what.text)})
            all.append(part).push_back('\0');
        auto made = std::make_unique<parts>();
        const char *bytes = all.data();
        const std::size_t size = all.size();
        const std::int64_t run = what.run;
        const bool ended = what.session_ended;
        out = std::make_unique<worker>(std::move(made));
        if (!call([&] { return out->parts_->start(bytes, size, run, ended); }))
            out.reset();
    } catch (...) {
        out.reset();
    }
    CurrentResourceOwner = owner;
    return out;
}

worker::worker(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

// Raises nothing, but for what would be a bug.
worker::~worker() {
    if (!parts_->segment || !MyProc) // without, the process has left shared memory already
        return;
    if (!parts_->handle || (is_gone() && pg_atomic_read_u32(&parts_->head().progress) == none))
        dsm_unpin_segment(dsm_segment_handle(parts_->segment)); // nobody else does
    dsm_detach(parts_->segment);
    if (parts_->handle)
        pfree(parts_->handle);
}

bool worker::has_written() const { return pg_atomic_read_u32(&parts_->head().progress) == written; }

bool worker::is_gone() const {
    pid_t pid;
    return GetBackgroundWorkerPid(parts_->handle, &pid) == BGWH_STOPPED;
}

bool doze(int milliseconds) {
    return call([&] {
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        if (QueryCancelPending)
            return false;
        CHECK_FOR_INTERRUPTS();
        return true;
    });
}

void worker::wait(int milliseconds) const {
    const TimestampTz end = GetCurrentTimestamp() + milliseconds * INT64CONST(1000);
    while (!has_written() && !is_gone()) {
        const auto left = (end - GetCurrentTimestamp()) / 1000;
        if (left <= 0 || !doze(static_cast<int>(left)))
            return;
    }
}

namespace {

/// What follows is the worker's, which holds no C++ object: an error in it ends the process by way of the server's own
/// handler.
const char *next(const char *text) { return text + strlen(text) + 1; }

void begin() {
    StartTransactionCommand();
    SPI_connect();
    PushActiveSnapshot(GetTransactionSnapshot());
}

void commit() {
    SPI_finish();
    PopActiveSnapshot();
    CommitTransactionCommand();
}

/// The first value of each row is for the server's log, unless it is NULL.
void log_alarms() {
    for (std::uint64_t i = 0; SPI_tuptable && i < SPI_processed; ++i)
        if (const char *alarm = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1))
            ereport(WARNING, (errmsg_internal("%s", alarm), errhidestmt(true)));
}

/// Whatever is set for the database: what a worker writes must neither fail because of it, nor wait for a standby or,
/// without an end, for a lock.
void set_options() {
    const char *const options[][2] = {{"search_path", "pg_catalog, pg_temp"},
                                      {"TimeZone", "UTC"},
                                      {"DateStyle", "ISO, MDY"},
                                      {"lock_timeout", lock_timeout},
                                      {"synchronous_commit", "off"},
                                      {"default_transaction_read_only", "off"},
                                      {"default_transaction_isolation", "read committed"}};
    for (const auto &option : options)
        SetConfigOption(option[0], option[1], PGC_USERSET, PGC_S_SESSION);
}

} // namespace

void work(std::uintptr_t argument) {
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    CurrentResourceOwner = ResourceOwnerCreate(nullptr, "barometre");
    dsm_handle handle = DatumGetUInt32(argument);
    dsm_segment *segment = dsm_attach(handle);
    if (!segment)
        ereport(ERROR, (errmsg("could not attach to the record of a run")));
    dsm_unpin_segment(handle);
    dsm_pin_mapping(segment);
    auto *head = static_cast<segment_head *>(dsm_segment_address(segment));
    const bool is_known = head->form == known_form;
    if (!is_known && head->form != first_form)
        ereport(ERROR,
                (errmsg("the record of a run was left by a version of barometre that this library does not know")));
    if (is_known)
        pg_atomic_write_u32(&head->progress, attached);
    const char *first = is_known ? reinterpret_cast<const char *>(head + 1) : "";
    const char *finish =
        is_known ? next(first) : reinterpret_cast<const char *>(reinterpret_cast<first_head *>(head) + 1);
    const char *write = next(finish);
    const char *ended = is_known ? next(write) : "";
    const char *text = is_known ? next(ended) : next(write);

    BackgroundWorkerInitializeConnectionByOid(head->database, InvalidOid, 0);
    set_options();
    pgstat_report_activity(STATE_RUNNING, "recording a run of barometre");
    if (is_known)
        attend_run(head->run);

    Oid types[] = {TEXTOID, BOOLOID, TEXTOID};
    if (*first) {
        begin();
        Datum values[] = {CStringGetTextDatum(text)};
        SPI_execute_with_args(first, 1, types, values, nullptr, false, 0);
        log_alarms();
        commit();
    }
    begin();
    Datum values[] = {CStringGetTextDatum(text), BoolGetDatum(head->interrupted), CStringGetTextDatum(ended)};
    const char nulls[] = {' ', ' ', *ended ? ' ' : 'n', 0};
    SPI_execute_with_args(finish, is_known ? 3 : 2, types, values, nulls, true, 1);
    if (SPI_processed > 0) {
        values[0] = CStringGetTextDatum(SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
        SPI_execute_with_args(write, 1, types, values, nullptr, false, 0);
        log_alarms();
    }
    commit();
    if (is_known) {
        pg_atomic_write_u32(&head->progress, written);
        SetLatch(head->waiting);
    }
    pgstat_report_activity(STATE_IDLE, nullptr);
    proc_exit(0);
}

} // namespace barometre::pg::autonomous
