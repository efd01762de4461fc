#include "pg/parallel_rows.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"

#include <cstring>
#include <type_traits>

// For PqCommMethods alone: who builds barometre needs no headers of GSSAPI or OpenSSL for the other things there.
#pragma push_macro("ENABLE_GSS")
#pragma push_macro("USE_OPENSSL")
#undef ENABLE_GSS
#undef USE_OPENSSL
extern "C" {
#include "libpq/libpq.h"
}
#pragma pop_macro("USE_OPENSSL")
#pragma pop_macro("ENABLE_GSS")

extern "C" {
#include "access/parallel.h"
#include "executor/tqueue.h"
#include "port/atomics.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
}

namespace barometre::pg {

namespace {

constexpr Size queue_size = 65536;   ///< of the rows on their way from one query
constexpr int rows_in_a_turn = 1000; ///< that are taken from one before the next

/// In shared memory. A worker loads the library that is installed by then, which may be of another version than the
/// session's: `form` says what follows.
struct shared_query {
    Oid table;
    Size text; ///< where it begins
    std::uint64_t rows;
    double seconds;
    bool is_done;
};
struct shared_head {
    std::uint32_t form;
    std::uint32_t count;
    pg_atomic_uint32 next;  ///< the first query that no worker took
    pg_atomic_uint32 spoke; ///< one said something
    Latch *leader;
};
constexpr std::uint32_t known_form = 0xBA2A0001;
enum key : std::uint64_t { key_head = 0xBA01, key_queries, key_texts, key_queues };

// What follows runs inside call(), or in a worker, which has no C++ object.

/// A table that is being filled.
struct filling {
    Relation table;
    TupleQueueReader *reader; ///< null: all rows have come
    shm_mq_handle *queue;
    batched_rows rows;
};

void open(filling &f, Oid table) {
    f.table = table_open(table, RowExclusiveLock);
    if (!has_nothing_attached(f.table) || RelationGetDescr(f.table)->constr != nullptr)
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 errmsg("something was attached to table \"%s\" when it was made", RelationGetRelationName(f.table))));
    f.rows.open(f.table, batched_rows::target::ours);
}

void take(filling &f, MinimalTuple row) {
    MemoryContext before = MemoryContextSwitchTo(f.rows.memory());
    const HeapTuple mine = heap_tuple_from_minimal_tuple(row);
    MemoryContextSwitchTo(before);
    f.rows.add(mine);
}

void close(filling &f) {
    f.rows.close();
    table_close(f.table, NoLock);
}

/// Takes what is there of the rows of a query. False: nothing.
bool take_some(filling &f) {
    for (int i = 0; i < rows_in_a_turn; ++i) {
        bool is_end = false;
        MinimalTuple row = TupleQueueReaderNext(f.reader, true, &is_end);
        if (is_end) {
            f.rows.flush();
            DestroyTupleQueueReader(f.reader);
            shm_mq_detach(f.queue);
            f.reader = nullptr;
            return true;
        }
        if (row == nullptr)
            return i > 0;
        take(f, row);
    }
    return true;
}

/// Takes rows of all queries, whichever has some, until their workers are done.
void drain(filling *all, int count, shared_head *head) {
    for (int open = count; open > 0;) {
        bool any = false;
        for (int i = 0; i < count; ++i)
            if (all[i].reader != nullptr && take_some(all[i])) {
                any = true;
                open -= all[i].reader == nullptr;
            }
        CHECK_FOR_INTERRUPTS(); // also raises what a worker raised
        if (pg_atomic_read_u32(&head->spoke) != 0)
            ereport(ERROR, (errmsg("a query that runs in a parallel worker says something")));
        if (!any && open > 0) {
            (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, -1, PG_WAIT_EXTENSION);
            ResetLatch(MyLatch);
        }
    }
}

/// What a worker finds.
void share(ParallelContext *context, const char *const *texts, const Size *sizes, const Oid *tables, int count,
           Size all_texts, filling *fillings, shared_head **head_made, shared_query **queries_made) {
    auto *head = static_cast<shared_head *>(shm_toc_allocate(context->toc, sizeof(shared_head)));
    head->form = known_form;
    head->count = static_cast<std::uint32_t>(count);
    pg_atomic_init_u32(&head->next, 0);
    pg_atomic_init_u32(&head->spoke, 0);
    head->leader = MyLatch;
    shm_toc_insert(context->toc, key_head, head);

    const Size n = static_cast<Size>(count);
    auto *queries = static_cast<shared_query *>(shm_toc_allocate(context->toc, sizeof(shared_query) * n));
    auto *text = static_cast<char *>(shm_toc_allocate(context->toc, all_texts));
    auto *queues = static_cast<char *>(shm_toc_allocate(context->toc, queue_size * n));
    Size at = 0;
    for (int i = 0; i < count; ++i) {
        queries[i] = {tables[i], at, 0, 0, false};
        memcpy(text + at, texts[i], sizes[i] + 1);
        at += sizes[i] + 1;
        shm_mq *queue = shm_mq_create(queues + static_cast<Size>(i) * queue_size, queue_size);
        shm_mq_set_receiver(queue, MyProc);
        fillings[i].queue = shm_mq_attach(queue, context->seg, nullptr);
        fillings[i].reader = CreateTupleQueueReader(fillings[i].queue);
    }
    shm_toc_insert(context->toc, key_queries, queries);
    shm_toc_insert(context->toc, key_texts, text);
    shm_toc_insert(context->toc, key_queues, queues);
    *head_made = head;
    *queries_made = queries;
}

/// What is told of the queries when all is done.
struct told {
    std::uint64_t rows;
    double seconds;
};

bool fill(const char *const *texts, const Size *sizes, const Oid *tables, int count, int workers, told *tells) {
    Size all_texts = 0;
    for (int i = 0; i < count; ++i)
        all_texts += sizes[i] + 1;
    auto *fillings = static_cast<filling *>(palloc0(sizeof(filling) * static_cast<Size>(count)));
    for (int i = 0; i < count; ++i) // with its transaction and command, which can't be had while workers run
        open(fillings[i], tables[i]);
    PushActiveSnapshot(GetTransactionSnapshot());
    UpdateActiveSnapshotCommandId();

    EnterParallelMode();
    ParallelContext *context = CreateParallelContext("barometre", "barometre_parallel_rows", workers);
    const Size n = static_cast<Size>(count);
    shm_toc_estimate_chunk(&context->estimator, sizeof(shared_head));
    shm_toc_estimate_chunk(&context->estimator, sizeof(shared_query) * n);
    shm_toc_estimate_chunk(&context->estimator, all_texts);
    shm_toc_estimate_chunk(&context->estimator, queue_size * n);
    shm_toc_estimate_keys(&context->estimator, 4);
    InitializeParallelDSM(context);
    shared_head *head = nullptr;
    shared_query *queries = nullptr;
    if (context->nworkers > 0) {
        share(context, texts, sizes, tables, count, all_texts, fillings, &head, &queries);
        LaunchParallelWorkers(context);
    }
    const int launched = context->nworkers_launched;
    if (launched > 0) {
        WaitForParallelWorkersToAttach(context); // else nobody might ever end a queue
        drain(fillings, count, head);
        WaitForParallelWorkersToFinish(context);
        for (int i = 0; i < count; ++i) {
            tells[i] = {queries[i].rows, queries[i].seconds};
            if (!queries[i].is_done || queries[i].rows != static_cast<std::uint64_t>(fillings[i].rows.inserted()))
                elog(ERROR, "not all rows of a parallel worker have come");
        }
    }
    DestroyParallelContext(context);
    ExitParallelMode();

    PopActiveSnapshot();
    for (int i = 0; i < count; ++i)
        close(fillings[i]);
    pfree(fillings);
    CommandCounterIncrement();
    elog(DEBUG1, "barometre: %d parallel workers ran %d queries", launched, count);
    return launched > 0;
}

// The worker's.

pg_atomic_uint32 *spoke = nullptr; ///< of the leader's
Latch *leader = nullptr;
const PQcommMethods *to_leader = nullptr;

/// Tells the leader that a query says something, instead of what: it runs the query again itself, as others hear it
/// when it is the query's turn.
int put_message(char type, const char *text, size_t size) {
    if (type != 'N')
        return to_leader->putmessage(type, text, size);
    pg_atomic_write_u32(spoke, 1);
    SetLatch(leader);
    return 0;
}

void be_quiet(shared_head *head) {
    static PQcommMethods quiet;
    spoke = &head->spoke;
    leader = head->leader;
    to_leader = PqCommMethods;
    quiet = *PqCommMethods;
    quiet.putmessage = put_message;
    PqCommMethods = &quiet;
}

/// The table's columns were made of the same query, by another process.
void check_columns(TupleDesc given, Oid table) {
    Relation relation = table_open(table, AccessShareLock);
    const TupleDesc wanted = RelationGetDescr(relation);
    bool same = given->natts == wanted->natts;
    for (int i = 0; same && i < given->natts; ++i)
        same = TupleDescAttr(given, i)->atttypid == TupleDescAttr(wanted, i)->atttypid &&
               TupleDescAttr(given, i)->atttypmod == TupleDescAttr(wanted, i)->atttypmod;
    if (!same)
        elog(ERROR, "the columns of a query are not those of the table that was made for it");
    table_close(relation, NoLock);
}

void run(const char *text, shm_mq *queue, dsm_segment *segment, shared_query &query) {
    instr_time begun, took;
    INSTR_TIME_SET_CURRENT(begun);
    MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "barometre query", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(memory);
    debug_query_string = text;
    pgstat_report_activity(STATE_RUNNING, text);
    shm_mq_set_sender(queue, MyProc);
    DestReceiver *to = CreateTupleQueueDestReceiver(shm_mq_attach(queue, segment, nullptr));

    List *statements = raw_parser(text, RAW_PARSE_DEFAULT);
    Query *analyzed = parse_analyze_fixedparams(linitial_node(RawStmt, statements), text, nullptr, 0, nullptr);
    PlannedStmt *plan = pg_plan_query(linitial_node(Query, QueryRewrite(analyzed)), text, 0, nullptr);
    QueryDesc *work = CreateQueryDesc(plan, text, GetActiveSnapshot(), InvalidSnapshot, to, nullptr, nullptr, 0);
    ExecutorStart(work, 0);
    check_columns(work->tupDesc, query.table);
    compat::run_query(work);
    query.rows = work->estate->es_processed;
    ExecutorFinish(work);
    ExecutorEnd(work);
    FreeQueryDesc(work);
    to->rDestroy(to);
    debug_query_string = nullptr;
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
    INSTR_TIME_SET_CURRENT(took);
    INSTR_TIME_SUBTRACT(took, begun);
    query.seconds = INSTR_TIME_GET_DOUBLE(took);
    query.is_done = true;
}

} // namespace

bool fill_at_once(std::vector<rows_to_make> &all, int workers) {
    std::vector<const char *> texts;
    std::vector<Size> sizes;
    std::vector<Oid> tables;
    for (const rows_to_make &one : all) {
        texts.push_back(one.query.c_str());
        sizes.push_back(one.query.size());
        tables.push_back(one.table);
    }
    std::vector<told> tells(all.size());
    const int count = static_cast<int>(all.size());
    const bool done = call(
        [&] { return fill(texts.data(), sizes.data(), tables.data(), count, std::min(workers, count), tells.data()); });
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].rows = static_cast<std::int64_t>(tells[i].rows);
        all[i].seconds = tells[i].seconds;
    }
    return done;
}

/// It holds no C++ object: an error in it ends the process by way of the server's own handler, which tells the leader.
void work_in_parallel(void *segment, void *contents) {
    auto *toc = static_cast<shm_toc *>(contents);
    auto *head = static_cast<shared_head *>(shm_toc_lookup(toc, key_head, false));
    if (head->form != known_form)
        ereport(ERROR, (errmsg("a parallel worker has another version of barometre than its session")));
    auto *queries = static_cast<shared_query *>(shm_toc_lookup(toc, key_queries, false));
    const auto *texts = static_cast<const char *>(shm_toc_lookup(toc, key_texts, false));
    auto *queues = static_cast<char *>(shm_toc_lookup(toc, key_queues, false));
    be_quiet(head);
    for (;;) {
        const std::uint32_t i = pg_atomic_fetch_add_u32(&head->next, 1);
        if (i >= head->count)
            return;
        run(texts + queries[i].text, reinterpret_cast<shm_mq *>(queues + i * queue_size),
            static_cast<dsm_segment *>(segment), queries[i]);
    }
}

} // namespace barometre::pg
