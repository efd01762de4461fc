#include "pg/bulk_insert.h"

extern "C" {
#include "commands/progress.h"
#include "executor/tuptable.h"
#include "utils/backend_progress.h"
#include "utils/fmgrprotos.h"
}

namespace barometre::pg {

namespace {

/// How a column's text becomes a Datum; no destructor, so it may be used inside call().
struct reader {
    FmgrInfo input;
    Oid io_parameter;
    int32 typmod;
    bool is_text, is_bigint, md5, required;
};

/// A table like this may be filled behind the server's back: nobody sees it yet,
/// and nothing hangs on its rows.
bool is_plain(Relation relation) {
    const TupleConstr *constr = RelationGetDescr(relation)->constr;
    return relation->rd_rel->relkind == RELKIND_RELATION && relation->rd_rel->relam == HEAP_TABLE_AM_OID &&
           relation->rd_createSubid != InvalidSubTransactionId && !relation->rd_rel->relhasindex &&
           !relation->rd_rel->relhastriggers && !relation->rd_rel->relrowsecurity && !relation->rd_rel->relhasrules &&
           (constr == nullptr || (constr->num_defval == 0 && constr->num_check == 0 && !constr->has_generated_stored));
}

} // namespace

struct bulk_insert::state {
    std::vector<insert_column> columns;
    std::vector<reader> readers;
    std::int64_t inserted = 0, left_out = 0;
    std::unique_ptr<key_walk> walk;
    int key = -1; ///< the column that it walks by

    Relation relation = nullptr;
    BulkInsertState bulk = nullptr;
    MemoryContext memory = nullptr;
    std::vector<TupleTableSlot *> slots;
    std::vector<HeapTupleData> tuples;
    std::vector<Datum> values;
    std::unique_ptr<bool[]> nulls;
    int exceptions = 0;
    volatile std::size_t at_row = 0, at_column = 0; ///< survive the jump out of a refused value
};

bulk_insert::bulk_insert(const std::string &schema, const std::string &table, std::vector<insert_column> columns,
                         std::int64_t total_bytes)
    : s_(std::make_unique<state>()) {
    state &s = *s_;
    s.columns = std::move(columns);
    s.readers.resize(s.columns.size());
    s.values.resize(s.columns.size() + 3);
    s.nulls.reset(new bool[s.columns.size() + 3]());
    s.exceptions = std::uncaught_exceptions();
    const char *schema_name = schema.c_str(), *table_name = table.c_str();
    const int natts = static_cast<int>(s.columns.size());
    call([&] {
        Oid oid = get_relname_relid(table_name, get_namespace_oid(schema_name, false));
        s.relation = table_open(oid, RowExclusiveLock);
        TupleDesc shape = RelationGetDescr(s.relation);
        if (!is_plain(s.relation) || shape->natts < natts + 2 || shape->natts > natts + 3)
            ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                            errmsg("table \"%s\" can't be filled directly, because something was attached to it when it was made",
                                   table_name),
                            errhint("Look for event triggers that change new tables.")));
        s.memory = AllocSetContextCreate(CurrentMemoryContext, "barometre batch", ALLOCSET_DEFAULT_SIZES);
        s.bulk = GetBulkInsertState();
        for (std::size_t i = 0; i < s.readers.size(); ++i) {
            Form_pg_attribute attribute = TupleDescAttr(shape, static_cast<int>(i));
            Oid function;
            getTypeInputInfo(attribute->atttypid, &function, &s.readers[i].io_parameter);
            fmgr_info(function, &s.readers[i].input);
            s.readers[i].typmod = attribute->atttypmod;
            s.readers[i].is_text = attribute->atttypid == TEXTOID;
            s.readers[i].is_bigint = attribute->atttypid == INT8OID;
        }
        const int which[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE, PROGRESS_COPY_BYTES_TOTAL};
        const int64 what[] = {PROGRESS_COPY_COMMAND_FROM, PROGRESS_COPY_TYPE_FILE, total_bytes};
        pgstat_progress_start_command(PROGRESS_COMMAND_COPY, oid);
        pgstat_progress_update_multi_param(3, which, what);
    });
    for (std::size_t i = 0; i < s.readers.size(); ++i) {
        s.readers[i].md5 = s.columns[i].md5;
        s.readers[i].required = s.columns[i].required;
    }
}

bulk_insert::~bulk_insert() {
    // After an error the transaction's abort frees all this.
    if (s_->relation && std::uncaught_exceptions() == s_->exceptions) {
        for (TupleTableSlot *slot : s_->slots)
            ExecDropSingleTupleTableSlot(slot);
        FreeBulkInsertState(s_->bulk);
        MemoryContextDelete(s_->memory);
        table_close(s_->relation, NoLock);
        pgstat_progress_end_command();
    }
}

std::unique_ptr<row_packer> bulk_insert::packer() const {
    return std::make_unique<row_packer>(RelationGetDescr(s_->relation), s_->columns);
}

void bulk_insert::leave_out(std::unique_ptr<key_walk> walk, int key) {
    if (walk && key >= 0 && walk->fits(RelationGetDescr(s_->relation), static_cast<int>(s_->columns.size()))) {
        s_->walk = std::move(walk);
        s_->key = key;
    }
}

std::int64_t bulk_insert::left_out() const { return s_->left_out; }

void bulk_insert::insert(row_batch &batch) {
    state &s = *s_;
    const std::size_t columns = s.columns.size();
    if (batch.rows.empty())
        return;
    s.tuples.resize(std::max(s.tuples.size(), batch.rows.size()));
    s.slots.reserve(s.tuples.size());
    try {
        call([&] {
            CHECK_FOR_INTERRUPTS();
            TupleDesc shape = RelationGetDescr(s.relation);
            while (s.slots.size() < batch.rows.size())
                s.slots.push_back(MakeSingleTupleTableSlot(shape, &TTSOpsHeapTuple)); // reserved: allocates nothing of C++'s
            MemoryContext before = MemoryContextSwitchTo(s.memory);
            key_walk *walk = s.walk.get();
            std::size_t n = 0; // rows to insert
            for (std::size_t r = 0; r < batch.rows.size(); ++r) {
                const row_batch::row &row = batch.rows[r];
                HeapTuple tuple = &s.tuples[n];
                s.at_row = r;
                if (row.size > 0) {
                    auto header = reinterpret_cast<HeapTupleHeader>(batch.bytes.data() + row.offset);
                    if (walk && walk->has(row.key, header, row.data, static_cast<int>(columns)))
                        continue;
                    tuple->t_len = row.size;
                    tuple->t_data = header;
                    ItemPointerSetInvalid(&tuple->t_self);
                    tuple->t_tableOid = InvalidOid;
                } else {
                    for (std::size_t c = 0; c < columns; ++c) {
                        s.at_column = c;
                        const row_batch::cell &value = batch.cells[row.offset + c];
                        reader &how = s.readers[c];
                        s.nulls[c] = value.size < 0;
                        if (value.size < 0) {
                            if (how.required)
                                ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("a key column is empty")));
                            s.values[c] = 0;
                            continue;
                        }
                        char *text = batch.bytes.data() + value.offset;
                        std::size_t size = static_cast<std::size_t>(value.size);
                        char hash[33];
                        if (how.md5) {
                            const char *failure = nullptr;
                            if (!pg_md5_hash(text, size, hash, &failure))
                                elog(ERROR, "could not compute an MD5 hash: %s", failure);
                            text = hash;
                            size = 32;
                        }
                        s.values[c] = how.is_text ? PointerGetDatum(cstring_to_text_with_len(text, static_cast<int>(size)))
                                                  : InputFunctionCall(&how.input, text, how.io_parameter, how.typmod);
                    }
                    if (walk)
                        walk->pass(s.readers[s.key].is_bigint ? DatumGetInt64(s.values[s.key]) : DatumGetInt32(s.values[s.key]));
                    s.values[columns] = Int32GetDatum(static_cast<int32>(row.file));
                    s.values[columns + 1] = Int64GetDatum(row.line);
                    s.values[columns + 2] = Int64GetDatum(row.sequence);
                    s.nulls[columns] = s.nulls[columns + 1] = s.nulls[columns + 2] = false;
                    *tuple = *heap_form_tuple(shape, s.values.data(), s.nulls.get());
                }
                ExecStoreHeapTuple(tuple, s.slots[n], false);
                // "Already its own": otherwise table_multi_insert would copy every tuple once more.
                s.slots[n++]->tts_flags |= TTS_FLAG_SHOULDFREE;
            }
            // Without the free space map rows lie in the order in which they came.
            if (n > 0)
                table_multi_insert(s.relation, s.slots.data(), static_cast<int>(n), GetCurrentCommandId(true),
                                   TABLE_INSERT_SKIP_FSM, s.bulk);
            MemoryContextSwitchTo(before);
            for (std::size_t r = 0; r < n; ++r) {
                s.slots[r]->tts_flags &= static_cast<uint16>(~TTS_FLAG_SHOULDFREE);
                ExecClearTuple(s.slots[r]);
            }
            MemoryContextReset(s.memory);
            s.inserted += static_cast<std::int64_t>(batch.rows.size());
            s.left_out += static_cast<std::int64_t>(batch.rows.size() - n);
            pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED, static_cast<int64>(batch.read_bytes));
            pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, s.inserted);
        });
    } catch (const error &e) {
        // Not the value's fault: a cancel, a full disk, no memory.
        const row_batch::row &row = batch.rows[s.at_row];
        if (row.size > 0 || (!e.sqlstate.starts_with("22") && !e.sqlstate.starts_with("23")))
            throw;
        const row_batch::cell &value = batch.cells[row.offset + s.at_column];
        throw refused_value{s.at_column, row.file, row.line,
                            value.size < 0 ? std::string() : std::string(batch.bytes.data() + value.offset, value.size), e};
    }
}

void bulk_insert::finish() {
    call([&] { table_finish_bulk_insert(s_->relation, TABLE_INSERT_SKIP_FSM); });
}

} // namespace barometre::pg
