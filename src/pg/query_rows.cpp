#include "pg/query_rows.h"
#include "pg/hashed_rows.h"
#include "pg/latest_snapshot.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <cstring>
#include <exception>

extern "C" {
#include "executor/tstoreReceiver.h"
}

namespace barometre::pg {

namespace {

/// Keeps what the server's own receiver keeps, and the shape of the rows.
struct row_keeper {
    DestReceiver self;
    DestReceiver *kept_by;
    MemoryContext memory;
    TupleDesc shape;
};

row_keeper *keeper(DestReceiver *self) { return reinterpret_cast<row_keeper *>(self); }

void begin_keeping(DestReceiver *self, int operation, TupleDesc shape) {
    row_keeper *k = keeper(self);
    MemoryContext before = MemoryContextSwitchTo(k->memory);
    k->shape = CreateTupleDescCopy(shape);
    MemoryContextSwitchTo(before);
    k->kept_by->rStartup(k->kept_by, operation, shape);
}

bool keep_row(TupleTableSlot *row, DestReceiver *self) {
    return keeper(self)->kept_by->receiveSlot(row, keeper(self)->kept_by);
}

void end_keeping(DestReceiver *self) { keeper(self)->kept_by->rShutdown(keeper(self)->kept_by); }

void leave_keeper(DestReceiver *) {}

constexpr char rows_name[] = "_baro_rows";

} // namespace

struct query_rows::state {
    Tuplestorestate *rows = nullptr;
    MemoryContext memory = nullptr;
    ResourceOwner owner = nullptr; ///< of the temporary file
    row_keeper keeper{};
    std::int64_t count = 0;
};

query_rows::query_rows(const std::string &query)
    : exceptions_(std::uncaught_exceptions()), s_(std::make_unique<state>()) {
    state &s = *s_;
    const char *text = query.c_str();
    const std::size_t size = query.size();
    call([&] {
        pg_verifymbstr(text, static_cast<int>(size), false);
        s.memory = AllocSetContextCreate(CurrentMemoryContext, "barometre rows of a query", ALLOCSET_DEFAULT_SIZES);
        MemoryContext before = MemoryContextSwitchTo(s.memory);
        s.owner = ResourceOwnerCreate(CurrentResourceOwner, "barometre rows of a query");
        const ResourceOwner owner = CurrentResourceOwner;
        CurrentResourceOwner = s.owner;
        s.rows = tuplestore_begin_heap(true, false, maintenance_work_mem);
        CurrentResourceOwner = owner;
        s.keeper.memory = s.memory;
        s.keeper.kept_by = CreateDestReceiver(DestTuplestore);
        // Values that are stored apart are fetched: their rows may go before these are read.
        SetTuplestoreDestReceiverParams(s.keeper.kept_by, s.rows, s.memory, true, nullptr, nullptr);
        s.keeper.self.receiveSlot = keep_row;
        s.keeper.self.rStartup = begin_keeping;
        s.keeper.self.rShutdown = end_keeping;
        s.keeper.self.rDestroy = leave_keeper;
        s.keeper.self.mydest = DestTuplestore;
        MemoryContextSwitchTo(before);
    });
    try {
        in_subtransaction([&] {
            call([&] {
                SPIExecuteOptions options = {};
                options.dest = &s.keeper.self;
                const int code = SPI_execute_extended(text, &options);
                if (code != SPI_OK_SELECT)
                    elog(ERROR, "a query gave no rows: %s", SPI_result_code_string(code));
                s.count = tuplestore_tuple_count(s.rows);
            });
        });
    } catch (const error &e) {
        if (e.sqlstate != "53400") // configuration_limit_exceeded
            throw;
        forget();
        s.count = -1;
    }
}

query_rows::~query_rows() {
    if (std::uncaught_exceptions() == exceptions_ && are_kept()) { // else the transaction's abort does it
        tuplestore_end(s_->rows);
        forget();
    }
}

/// Also where an error left the rows half written, which tuplestore_end() can't end.
void query_rows::forget() {
    for (const auto phase : {RESOURCE_RELEASE_BEFORE_LOCKS, RESOURCE_RELEASE_LOCKS, RESOURCE_RELEASE_AFTER_LOCKS})
        ResourceOwnerRelease(s_->owner, phase, false, false);
    ResourceOwnerDelete(s_->owner);
    MemoryContextDelete(s_->memory);
}

bool query_rows::are_kept() const { return s_->count >= 0; }

std::int64_t query_rows::count() const { return s_->count; }

bool query_rows::are_those_of(oid table) const {
    using sum = unsigned __int128;
    state &s = *s_;
    const hash_secrets secret;
    const latest_snapshot snapshot;
    hashed_rows published(table, snapshot.get(), secret);
    const TupleDesc mine = s.keeper.shape, theirs = published.shape();
    std::vector<hashed_rows::column> my_columns, their_columns;
    int columns = 0;
    for (int i = 0; i < theirs->natts; ++i)
        columns += !TupleDescAttr(theirs, i)->attisdropped;
    if (columns != mine->natts)
        return false;
    for (int i = 0; i < mine->natts; ++i) {
        const Form_pg_attribute a = TupleDescAttr(mine, i);
        int j = 0;
        while (j < theirs->natts && (TupleDescAttr(theirs, j)->attisdropped ||
                                     std::strcmp(NameStr(TupleDescAttr(theirs, j)->attname), NameStr(a->attname)) != 0))
            ++j;
        if (j == theirs->natts)
            return false;
        const Form_pg_attribute b = TupleDescAttr(theirs, j);
        if (a->atttypid != b->atttypid || a->atttypmod != b->atttypmod || a->attcollation != b->attcollation)
            return false;
        my_columns.push_back({i, a->attlen, a->attbyval});
        their_columns.push_back({j, b->attlen, b->attbyval});
    }
    published.read(std::move(their_columns), false);
    value_hasher hash(secret);
    hash.read(std::move(my_columns));

    // Sums, as those that end at zero in compare_rows().
    sum left = 0;
    std::int64_t rows = 0;
    while (published.next(hashed_rows::what::values))
        for (const hashed_row &row : published.batch()) {
            left -= static_cast<sum>(row.hash.high) << 64 | row.hash.low;
            ++rows;
        }
    if (rows != s.count)
        return false;
    call([&] {
        tuplestore_rescan(s.rows);
        TupleTableSlot *slot = MakeSingleTupleTableSlot(mine, &TTSOpsMinimalTuple);
        for (std::int64_t n = 0; tuplestore_gettupleslot(s.rows, true, false, slot); ++n) {
            if (n % 1024 == 0)
                CHECK_FOR_INTERRUPTS();
            slot_getallattrs(slot);
            const row_hash h = hash.of(slot->tts_values, slot->tts_isnull);
            left += static_cast<sum>(h.high) << 64 | h.low;
        }
        ExecDropSingleTupleTableSlot(slot);
    });
    return left == 0;
}

void query_rows::make_table(const std::string &lead) const {
    state &s = *s_;
    EphemeralNamedRelationData relation{};
    std::string name = rows_name;
    char *writable = name.data();
    call([&] {
        tuplestore_rescan(s.rows);
        relation.md.name = writable;
        relation.md.reliddesc = InvalidOid;
        relation.md.tupdesc = s.keeper.shape;
        relation.md.enrtype = ENR_NAMED_TUPLESTORE;
        relation.md.enrtuples = static_cast<double>(s.count);
        relation.reldata = s.rows;
        if (int code = SPI_register_relation(&relation); code != SPI_OK_REL_REGISTER)
            elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
    });
    struct registration {
        ~registration() { SPI_unregister_relation(rows_name); } // raises nothing
    } const registered;
    project_sql(lead + "SELECT * FROM " + name);
}

} // namespace barometre::pg
