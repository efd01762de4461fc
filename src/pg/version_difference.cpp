#include "pg/version_difference.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"
#include "pg/latest_snapshot.h"
#include "pg/version_index.h"

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <type_traits>

namespace barometre::pg {

namespace {

using hashed_column = value_hasher::column;

// What follows runs inside call().

/// A column of each side, both of one type.
struct column_pair {
    const char *given, *kept;
    hashed_column from_query, from_table;

    bool find(TupleDesc query, TupleDesc table, bool is_key) {
        const int one = SPI_fnumber(query, given), other = SPI_fnumber(table, kept);
        if (one <= 0 || other <= 0)
            return false;
        const Form_pg_attribute a = TupleDescAttr(query, one - 1), b = TupleDescAttr(table, other - 1);
        from_query = {one - 1, a->attlen, a->attbyval};
        from_table = {other - 1, b->attlen, b->attbyval};
        return a->atttypid == b->atttypid &&
               (!is_key || (a->attcollation == b->attcollation && bytes_decide(a->atttypid, a->attcollation)));
    }
};

bool has_null(const bool *nulls, const int *columns, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        if (nulls[columns[i]])
            return true;
    return false;
}

/// The published table, which is scanned once.
struct version_scan {
    Relation relation;
    TableScanDesc scan;
    int until, mark;
    const char *marked;
    value_hasher *key, *value;
    Datum *values;
    bool *nulls;
    bool ended;

    bool is_marked() const {
        if (mark == 0 || nulls[mark - 1])
            return false;
        varlena *text = pg_detoast_datum_packed(reinterpret_cast<varlena *>(DatumGetPointer(values[mark - 1])));
        const std::size_t size = std::strlen(marked);
        return VARSIZE_ANY_EXHDR(text) == size && std::memcmp(VARDATA_ANY(text), marked, size) == 0;
    }

    [[gnu::noinline]] std::size_t fill(hashed_version *to, std::size_t most) {
        CHECK_FOR_INTERRUPTS();
        const TupleDesc shape = RelationGetDescr(relation);
        std::size_t count = 0;
        while (count < most) {
            HeapTuple row = heap_getnext(scan, ForwardScanDirection);
            ended = row == nullptr;
            if (ended)
                break;
            heap_deform_tuple(row, shape, values, nulls);
            hashed_version &v = to[count++];
            v.place = std::bit_cast<row_place>(row->t_self);
            v.key = key->of(values, nulls);
            v.is_open = nulls[until - 1];
            if (v.is_open) {
                v.value = value->of(values, nulls).low;
                v.is_marked = is_marked();
            }
        }
        return count;
    }
};

/// Takes the rows of the query.
struct version_taker {
    DestReceiver self;
    version_index *index;
    value_hasher *key, *value;
    const int *required;
    std::size_t required_count;
    bool came_back, again;
    Relation lacking;
    batched_rows rows;

    bool take(TupleTableSlot *row) {
        slot_getallattrs(row);
        if (!has_null(row->tts_isnull, required, required_count)) {
            const row_hash h = key->of(row->tts_values, row->tts_isnull);
            switch (index->take(h, value->of(row->tts_values, row->tts_isnull).low)) {
            case version_index::found::same:
                return true;
            case version_index::found::again:
                again = true;
                return false;
            case version_index::found::ended:
                came_back = true;
                break;
            default:
                break;
            }
        }
        MemoryContext before = MemoryContextSwitchTo(rows.memory());
        HeapTuple copy = ExecCopySlotHeapTuple(row);
        MemoryContextSwitchTo(before);
        rows.add(copy);
        return true;
    }
};
static_assert(std::is_trivially_destructible_v<version_taker>); // call() may jump out of what uses it

version_taker *versions_of(DestReceiver *self) { return reinterpret_cast<version_taker *>(self); }

void begin_versions(DestReceiver *self, int, TupleDesc) {
    versions_of(self)->rows.begin_command(); // before workers of the plan work
}

bool take_version(TupleTableSlot *row, DestReceiver *self) { return versions_of(self)->take(row); }

void end_versions(DestReceiver *self) { versions_of(self)->rows.flush(); }

void leave_versions(DestReceiver *) {}

// From here on outside of call().

/// Two relations that stay open until the end, unless an error ends the transaction.
class open_pair {
public:
    open_pair(oid table, oid lacking) : exceptions_(std::uncaught_exceptions()) {
        call([&] {
            table_ = table_open(table, AccessShareLock);
            lacking_ = table_open(lacking, RowExclusiveLock);
        });
    }
    ~open_pair() {
        if (std::uncaught_exceptions() != exceptions_)
            return;
        table_close(lacking_, NoLock);
        table_close(table_, NoLock);
    }
    open_pair(const open_pair &) = delete;
    open_pair &operator=(const open_pair &) = delete;
    Relation table() const { return table_; }
    Relation lacking() const { return lacking_; }

private:
    Relation table_ = nullptr, lacking_ = nullptr;
    int exceptions_;
};

/// The columns that are meant, on both sides.
struct compared_columns {
    std::vector<column_pair> key, value;
    std::vector<int> required; ///< of the query
    int until = 0, mark = 0;   ///< numbers of columns, from 1; mark 0: none

    /// False: they can't be compared by their bytes.
    bool find(const versions_kept &what, TupleDesc query, TupleDesc table) {
        for (const std::string &name : what.key)
            key.push_back({name.c_str(), name.c_str(), {}, {}});
        for (const auto &[given, kept] : what.compared)
            value.push_back({given.c_str(), kept.c_str(), {}, {}});
        std::vector<const char *> names;
        for (const std::string &name : what.required)
            names.push_back(name.c_str());
        required.resize(key.size() + names.size());
        const char *until_name = what.until.c_str(), *mark_name = what.mark.c_str();
        return call([&] {
            int *at = required.data();
            for (column_pair &one : key) {
                if (!one.find(query, table, true))
                    return false;
                *at++ = one.from_query.index;
            }
            for (column_pair &one : value)
                if (!one.find(query, table, false))
                    return false;
            for (const char *name : names) {
                const int number = SPI_fnumber(query, name);
                if (number <= 0)
                    return false;
                *at++ = number - 1;
            }
            until = SPI_fnumber(table, until_name);
            if (*mark_name != '\0') {
                mark = SPI_fnumber(table, mark_name);
                if (mark <= 0)
                    return false;
                const Form_pg_attribute a = TupleDescAttr(table, mark - 1);
                if ((a->atttypid != TEXTOID && a->atttypid != VARCHAROID) ||
                    !get_collation_isdeterministic(a->attcollation))
                    return false;
            }
            return until > 0;
        });
    }

    static std::vector<hashed_column> in(const std::vector<column_pair> &pairs, hashed_column column_pair::*side) {
        std::vector<hashed_column> out;
        for (const column_pair &one : pairs)
            out.push_back(one.*side);
        return out;
    }
};

/// Adds all rows of the table. False: they don't fit, or a key has two open versions.
bool index_versions(version_index &to, Relation table, Snapshot snapshot, const compared_columns &columns,
                    const versions_kept &what, const hash_secrets &secret, std::int64_t &rows) {
    value_hasher key(secret), value(secret);
    key.read(compared_columns::in(columns.key, &column_pair::from_table));
    value.read(compared_columns::in(columns.value, &column_pair::from_table));
    const std::size_t natts = static_cast<std::size_t>(RelationGetDescr(table)->natts);
    std::vector<Datum> values(natts);
    const auto nulls = std::make_unique<bool[]>(natts);
    version_scan scan{table, nullptr, columns.until, columns.mark, what.marked.c_str(),
                      &key,  &value,  values.data(), nulls.get(),  false};
    // A synchronized scan might begin in the middle, and versions would come in another order.
    call([&] { scan.scan = table_beginscan_strat(table, snapshot, 0, nullptr, true, false); });
    constexpr std::size_t ahead = 8;
    std::array<hashed_version, 512> batch;
    bool fit = true;
    while (fit && !scan.ended) {
        const std::size_t count = call([&] { return scan.fill(batch.data(), batch.size()); });
        for (std::size_t i = 0; i < count && fit; ++i) {
            if (i + ahead < count)
                to.prefetch(batch[i + ahead].key);
            fit = !to.full() && to.add(batch[i]);
        }
        rows += static_cast<std::int64_t>(count);
    }
    call([&] { table_endscan(scan.scan); });
    return fit;
}

} // namespace

std::optional<version_difference> compare_versions(const std::string &query, oid table, oid lacking,
                                                   const versions_kept &what, std::size_t memory) {
    constexpr double spare = 1.2; ///< the number of its rows is an estimate; it has no more keys than rows
    const latest_snapshot snapshot;
    const open_pair both(table, lacking);
    double estimate = 0;
    const bool are_plain = call([&] {
        const Form_pg_class form = both.table()->rd_rel;
        if (form->relkind != RELKIND_RELATION || form->relam != HEAP_TABLE_AM_OID || form->relrowsecurity ||
            !has_nothing_attached(both.lacking()) || RelationGetDescr(both.lacking())->constr != nullptr)
            return false;
        BlockNumber pages;
        double visible;
        table_relation_estimate_size(both.table(), nullptr, &pages, &estimate, &visible);
        return true;
    });
    compared_columns columns;
    const std::size_t most = memory / version_index::bytes_each;
    if (!are_plain || !columns.find(what, RelationGetDescr(both.lacking()), RelationGetDescr(both.table())))
        return std::nullopt;

    const hash_secrets secret;
    version_index index(std::min(most, static_cast<std::size_t>(estimate * spare)));
    version_difference out;
    if (!index_versions(index, both.table(), snapshot.get(), columns, what, secret, out.kept))
        return std::nullopt;

    value_hasher key(secret), value(secret);
    key.read(compared_columns::in(columns.key, &column_pair::from_query));
    value.read(compared_columns::in(columns.value, &column_pair::from_query));
    version_taker taker{};
    taker.self.receiveSlot = take_version;
    taker.self.rStartup = begin_versions;
    taker.self.rShutdown = end_versions;
    taker.self.rDestroy = leave_versions;
    taker.self.mydest = DestTuplestore;
    taker.index = &index;
    taker.key = &key;
    taker.value = &value;
    taker.required = columns.required.data();
    taker.required_count = columns.required.size();
    taker.lacking = both.lacking();
    const char *text = query.c_str();
    const std::size_t size = query.size();
    call([&] {
        pg_verifymbstr(text, static_cast<int>(size), false);
        taker.rows.open(taker.lacking, batched_rows::target::ours);
        SPIExecuteOptions options = {};
        options.dest = &taker.self;
        const int code = SPI_execute_extended(text, &options);
        if (code != SPI_OK_SELECT)
            elog(ERROR, "a query gave no rows: %s", SPI_result_code_string(code));
        taker.rows.close();
    });
    if (taker.again)
        return std::nullopt;
    out.open = index.open_of_others(what.wants_absent);
    out.put = taker.rows.inserted();
    out.came_back = taker.came_back;
    return out;
}

} // namespace barometre::pg
