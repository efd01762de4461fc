#include "pg/autonomous.h"
#include "pg/guard.h"

#include <list>

extern "C" {
#include "postmaster/interrupt.h"
#include "tcop/tcopprot.h"
}

namespace barometre::pg::autonomous {

namespace {

/// The head of a shared memory segment; `finish`, `write` and the text follow it, each with a NUL. The statements
/// travel with the text, because a worker loads the library that is installed by then, which may be of another version
/// than what the session has and its tables are.
struct segment_head {
    std::uint32_t form; ///< `known_form`: a later library that lays segments out otherwise has another number
    Oid database;
    bool interrupted; ///< the session ended; else the transaction was rolled back
};
constexpr std::uint32_t known_form = 0xBA120001;

struct pending {
    std::int64_t id;
    SubTransactionId subtransaction;
    dsm_segment *segment;
};

// POD entries, changed only where nothing can jump out.
std::list<pending> waiting;

dsm_segment *make_segment(const statements &how, const std::string &text) {
    std::string all;
    for (const std::string_view part :
         {std::string_view(how.finish), std::string_view(how.write), std::string_view(text)})
        all.append(part).push_back('\0');
    const char *bytes = all.data();
    std::size_t size = all.size();
    return call([&] {
        dsm_segment *segment = dsm_create(sizeof(segment_head) + size, 0);
        dsm_pin_mapping(segment);
        auto *head = static_cast<segment_head *>(dsm_segment_address(segment));
        head->form = known_form;
        head->database = MyDatabaseId;
        head->interrupted = false;
        memcpy(head + 1, bytes, size);
        return segment;
    });
}

/// Starts the worker that reads `segment`, and lets go of it. Raises nothing.
bool start_worker(dsm_segment *segment) {
    BackgroundWorker worker;
    memset(&worker, 0, sizeof(worker));
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    strlcpy(worker.bgw_library_name, "barometre", BGW_MAXLEN);
    strlcpy(worker.bgw_function_name, "barometre_autonomous_main", BGW_MAXLEN);
    strlcpy(worker.bgw_name, "barometre: memory of runs", BGW_MAXLEN);
    strlcpy(worker.bgw_type, "barometre", BGW_MAXLEN);
    dsm_handle handle = dsm_segment_handle(segment);
    worker.bgw_main_arg = UInt32GetDatum(handle);
    dsm_pin_segment(segment);
    bool started = RegisterDynamicBackgroundWorker(&worker, nullptr);
    if (!started)
        dsm_unpin_segment(handle);
    dsm_detach(segment);
    return started;
}

void give_up(pending &entry) {
    auto *head = static_cast<segment_head *>(dsm_segment_address(entry.segment));
    head->interrupted = proc_exit_inprogress;
    std::int64_t id = entry.id;
    if (!start_worker(entry.segment))
        ereport(proc_exit_inprogress ? LOG : WARNING,
                (errmsg("the failure of barometre's run %lld could not be recorded", static_cast<long long>(id)),
                 errdetail("No background worker is free."), errhint("Raise max_worker_processes.")));
}

extern "C" void at_transaction_end(XactEvent event, void *) {
    if (event != XACT_EVENT_ABORT && event != XACT_EVENT_COMMIT)
        return;
    for (pending &entry : waiting) {
        if (event == XACT_EVENT_ABORT)
            give_up(entry);
        else
            dsm_detach(entry.segment);
    }
    waiting.clear();
}

extern "C" void at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *) {
    for (auto entry = waiting.begin(); entry != waiting.end();) {
        if (entry->subtransaction == mine && event == SUBXACT_EVENT_ABORT_SUB) {
            give_up(*entry);
            entry = waiting.erase(entry);
            continue;
        }
        if (entry->subtransaction == mine && event == SUBXACT_EVENT_COMMIT_SUB)
            entry->subtransaction = parent;
        ++entry;
    }
}

} // namespace

bool write(const statements &how, const std::string &text) {
    dsm_segment *segment = make_segment(how, text);
    return call([&] { return start_worker(segment); });
}

void on_abort(std::int64_t id, const statements &how, const std::string &text) {
    static bool registered = false;
    if (!registered) {
        call([] {
            RegisterXactCallback(at_transaction_end, nullptr);
            RegisterSubXactCallback(at_subtransaction_end, nullptr);
        });
        registered = true;
    }
    dsm_segment *segment = make_segment(how, text);
    for (pending &entry : waiting)
        if (entry.id == id) {
            dsm_detach(entry.segment);
            entry.segment = segment;
            return;
        }
    waiting.push_back({id, GetCurrentSubTransactionId(), segment});
}

// The worker holds no C++ object: an error in it ends the process by way of the server's own handler.
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
    if (head->form != known_form)
        ereport(ERROR,
                (errmsg("the record of a run was left by a version of barometre that this library does not know")));
    const char *finish = reinterpret_cast<const char *>(head + 1);
    const char *write = finish + strlen(finish) + 1;
    const char *text = write + strlen(write) + 1;

    BackgroundWorkerInitializeConnectionByOid(head->database, InvalidOid, 0);
    StartTransactionCommand();
    SPI_connect();
    PushActiveSnapshot(GetTransactionSnapshot());
    SetConfigOption("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION);
    SetConfigOption("TimeZone", "UTC", PGC_USERSET, PGC_S_SESSION);
    pgstat_report_activity(STATE_RUNNING, "recording a run of barometre");

    Oid types[] = {TEXTOID, BOOLOID};
    Datum values[] = {CStringGetTextDatum(text), BoolGetDatum(head->interrupted)};
    SPI_execute_with_args(finish, 2, types, values, nullptr, true, 1);
    if (SPI_processed > 0) {
        values[0] = CStringGetTextDatum(SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
        SPI_execute_with_args(write, 1, types, values, nullptr, false, 0);
        if (SPI_processed > 0)
            if (const char *alarm = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1))
                ereport(WARNING, (errmsg_internal("%s", alarm), errhidestmt(true)));
    }
    SPI_finish();
    PopActiveSnapshot();
    CommitTransactionCommand();
    pgstat_report_activity(STATE_IDLE, nullptr);
    proc_exit(0);
}

} // namespace barometre::pg::autonomous
