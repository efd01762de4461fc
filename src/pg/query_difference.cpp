#include "pg/query_difference.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"
#include "pg/latest_snapshot.h"
#include "pg/spi.h"
#include "pg/unmatched_rows.h"

#include <cstring>
#include <type_traits>

namespace barometre::pg {

namespace {

// What follows runs inside call().

/// Takes the rows of the query.
struct row_taker {
    DestReceiver self;
    TupleDesc wanted; ///< of the table that it is compared with
    unmatched_rows *rows;
    value_hasher *hasher;
    bool fits;         ///< the columns are those of the table
    std::int64_t kept; ///< rows that the table has
    Relation missing;
    batched_rows lacking;

    /// False: something was attached to the table when it was made.
    bool begin(Oid table) {
        missing = table_open(table, RowExclusiveLock);
        const bool is_plain = has_nothing_attached(missing) && RelationGetDescr(missing)->constr == nullptr;
        if (is_plain)
            lacking.open(missing, batched_rows::target::ours);
        else
            table_close(missing, NoLock);
        return is_plain;
    }
    void end() {
        lacking.close();
        table_close(missing, NoLock);
    }

    bool has_columns(TupleDesc given) const {
        int n = 0;
        for (int i = 0; i < wanted->natts; ++i) {
            const Form_pg_attribute mine = TupleDescAttr(wanted, i);
            if (mine->attisdropped)
                continue;
            if (n == given->natts)
                return false;
            const Form_pg_attribute theirs = TupleDescAttr(given, n++);
            if (std::strcmp(NameStr(mine->attname), NameStr(theirs->attname)) != 0 ||
                mine->atttypid != theirs->atttypid || mine->atttypmod != theirs->atttypmod ||
                mine->attcollation != theirs->attcollation)
                return false;
        }
        return n == given->natts;
    }

    void take(TupleTableSlot *row) {
        slot_getallattrs(row);
        if (rows->match_next(hasher->of(row->tts_values, row->tts_isnull))) {
            ++kept;
            return;
        }
        MemoryContext before = MemoryContextSwitchTo(lacking.memory());
        HeapTuple copy = ExecCopySlotHeapTuple(row);
        MemoryContextSwitchTo(before);
        lacking.add(copy);
    }
};
static_assert(std::is_trivially_destructible_v<row_taker>); // call() may jump out of what uses it

row_taker *taker(DestReceiver *self) { return reinterpret_cast<row_taker *>(self); }

void begin_taking(DestReceiver *self, int, TupleDesc given) {
    taker(self)->fits = taker(self)->has_columns(given);
    taker(self)->lacking.begin_command(); // before workers of the plan work
}

bool take_row(TupleTableSlot *row, DestReceiver *self) {
    if (taker(self)->fits)
        taker(self)->take(row);
    return taker(self)->fits;
}

void end_taking(DestReceiver *self) { taker(self)->lacking.flush(); }

void leave_taker(DestReceiver *) {}

std::vector<hashed_rows::column> columns_of_table(TupleDesc shape) {
    std::vector<hashed_rows::column> out;
    for (int i = 0; i < shape->natts; ++i)
        if (const Form_pg_attribute a = TupleDescAttr(shape, i); !a->attisdropped)
            out.push_back({i, a->attlen, a->attbyval});
    return out;
}

} // namespace

std::optional<row_difference> compare_query(const std::string &query, oid table, oid missing, std::size_t memory) {
    constexpr double spare = 1.2; ///< the number of its rows is an estimate
    const hash_secrets secret;
    const latest_snapshot snapshot;
    hashed_rows published(table, snapshot.get(), secret);
    const auto columns = columns_of_table(published.shape());
    published.read(columns, false);
    const std::size_t most = memory / unmatched_rows::bytes_each;
    if (published.estimate() > static_cast<double>(most))
        return std::nullopt;
    unmatched_rows rows(std::min(most, static_cast<std::size_t>(published.estimate() * spare)));
    constexpr std::size_t ahead = 8;
    std::int64_t total = 0;
    while (published.next(hashed_rows::what::values)) {
        const auto batch = published.batch();
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (i + ahead < batch.size())
                rows.prefetch(batch[i + ahead].hash);
            if (rows.full())
                return std::nullopt;
            rows.add(batch[i]);
        }
        total += static_cast<std::int64_t>(batch.size());
    }

    value_hasher hasher(secret);
    std::vector<hashed_rows::column> given = columns;
    for (std::size_t i = 0; i < given.size(); ++i)
        given[i].index = static_cast<int>(i);
    hasher.read(given);
    row_taker taker{};
    taker.self.receiveSlot = take_row;
    taker.self.rStartup = begin_taking;
    taker.self.rShutdown = end_taking;
    taker.self.rDestroy = leave_taker;
    taker.self.mydest = DestTuplestore;
    taker.wanted = published.shape();
    taker.rows = &rows;
    taker.hasher = &hasher;
    const char *text = query.c_str();
    const std::size_t size = query.size();
    call([&] {
        pg_verifymbstr(text, static_cast<int>(size), false);
        if (!taker.begin(missing))
            return;
        SPIExecuteOptions options = {};
        options.dest = &taker.self;
        const int code = SPI_execute_extended(text, &options);
        if (code != SPI_OK_SELECT)
            elog(ERROR, "a query gave no rows: %s", SPI_result_code_string(code));
        taker.end();
    });
    if (!taker.fits)
        return std::nullopt;

    row_difference out;
    out.kept = taker.kept;
    rows.take_rest(out.gone, [&](auto &&f) {
        while (published.next(hashed_rows::what::values))
            for (const hashed_row &row : published.batch())
                f(row);
    });
    put_in_order(out.gone);
    if (out.kept + static_cast<std::int64_t>(out.gone.size()) != total)
        throw error(sqlstate::internal, std::string("the rows of \"") + published.name() + "\" don't add up");
    const latest_snapshot now;
    hashed_rows lacking(missing, now.get(), secret);
    lacking.read(given, false);
    while (lacking.next(hashed_rows::what::places))
        for (const hashed_row &row : lacking.batch())
            out.missing.push_back(row.place);
    return out;
}

} // namespace barometre::pg
