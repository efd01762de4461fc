#include "pg/bulk_insert.h"

extern "C" {
#include "executor/tuptable.h"
#include "utils/fmgrprotos.h"
}

namespace barometre::pg {

namespace {

constexpr std::size_t batch_rows = 1000;
constexpr std::size_t batch_bytes = 256 * 1024;

/// How a column's text becomes a Datum; no destructor, so it may be used inside call().
struct reader {
    FmgrInfo input;
    Oid io_parameter;
    int32 typmod;
    bool is_text, md5, required;
};

struct cell {
    std::size_t offset;
    std::int64_t size; ///< -1: NULL
};

struct origin {
    std::int64_t file, line;
};

} // namespace

struct bulk_insert::state {
    std::vector<insert_column> columns;
    std::vector<reader> readers;
    std::string bytes; ///< every value followed by a NUL, as input functions want it
    std::vector<cell> cells;
    std::vector<origin> rows;
    std::int64_t sequence = 0;

    Relation relation = nullptr;
    BulkInsertState bulk = nullptr;
    MemoryContext memory = nullptr;
    std::vector<TupleTableSlot *> slots;
    int exceptions = 0;
    volatile std::size_t at_row = 0, at_column = 0; ///< survive the jump out of a refused value
};

bulk_insert::bulk_insert(const std::string &schema, const std::string &table, std::vector<insert_column> columns)
    : s_(std::make_unique<state>()) {
    state &s = *s_;
    s.columns = std::move(columns);
    s.readers.resize(s.columns.size());
    s.slots.resize(batch_rows);
    s.exceptions = std::uncaught_exceptions();
    const char *schema_name = schema.c_str(), *table_name = table.c_str();
    const std::size_t expected = s.columns.size() + 3;
    call([&] {
        Oid oid = get_relname_relid(table_name, get_namespace_oid(schema_name, false));
        s.relation = table_open(oid, RowExclusiveLock);
        TupleDesc shape = RelationGetDescr(s.relation);
        // Filling a table behind the server's back is right only for one like this.
        if (s.relation->rd_rel->relkind != RELKIND_RELATION || s.relation->rd_rel->relam != HEAP_TABLE_AM_OID ||
            s.relation->rd_createSubid == InvalidSubTransactionId || s.relation->rd_rel->relhasindex ||
            s.relation->rd_rel->relhastriggers || s.relation->rd_rel->relrowsecurity || shape->constr != nullptr ||
            static_cast<std::size_t>(shape->natts) != expected)
            elog(ERROR, "staging table \"%s\" is not as barometre made it", table_name);
        s.memory = AllocSetContextCreate(CurrentMemoryContext, "barometre batch", ALLOCSET_DEFAULT_SIZES);
        s.bulk = GetBulkInsertState();
        for (std::size_t i = 0; i < batch_rows; ++i)
            s.slots[i] = table_slot_create(s.relation, nullptr);
        for (std::size_t i = 0; i < s.readers.size(); ++i) {
            Form_pg_attribute attribute = TupleDescAttr(shape, static_cast<int>(i));
            Oid function;
            getTypeInputInfo(attribute->atttypid, &function, &s.readers[i].io_parameter);
            fmgr_info(function, &s.readers[i].input);
            s.readers[i].typmod = attribute->atttypmod;
            s.readers[i].is_text = attribute->atttypid == TEXTOID;
        }
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
    }
}

void bulk_insert::add(std::string_view text) {
    s_->cells.push_back({s_->bytes.size(), static_cast<std::int64_t>(text.size())});
    s_->bytes.append(text);
    s_->bytes.push_back('\0');
}

void bulk_insert::add_null() { s_->cells.push_back({0, -1}); }

void bulk_insert::end_row(std::int64_t file, std::int64_t line) {
    s_->rows.push_back({file, line});
    if (s_->rows.size() == batch_rows || s_->bytes.size() >= batch_bytes)
        flush();
}

void bulk_insert::finish() {
    flush();
    call([&] { table_finish_bulk_insert(s_->relation, 0); });
}

void bulk_insert::flush() {
    state &s = *s_;
    const std::size_t columns = s.columns.size();
    if (s.rows.empty())
        return;
    try {
        call([&] {
            CHECK_FOR_INTERRUPTS();
            MemoryContext before = MemoryContextSwitchTo(s.memory);
            for (std::size_t r = 0; r < s.rows.size(); ++r) {
                TupleTableSlot *slot = s.slots[r];
                ExecClearTuple(slot);
                s.at_row = r;
                for (std::size_t c = 0; c < columns; ++c) {
                    s.at_column = c;
                    const cell &value = s.cells[r * columns + c];
                    reader &how = s.readers[c];
                    slot->tts_isnull[c] = value.size < 0;
                    if (value.size < 0) {
                        if (how.required)
                            ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("a key column is empty")));
                        slot->tts_values[c] = 0;
                        continue;
                    }
                    char *text = s.bytes.data() + value.offset;
                    std::size_t size = static_cast<std::size_t>(value.size);
                    char hash[33];
                    if (how.md5) {
                        const char *failure = nullptr;
                        if (!pg_md5_hash(text, size, hash, &failure))
                            elog(ERROR, "could not compute an MD5 hash: %s", failure);
                        text = hash;
                        size = 32;
                    }
                    slot->tts_values[c] = how.is_text
                                              ? PointerGetDatum(cstring_to_text_with_len(text, static_cast<int>(size)))
                                              : InputFunctionCall(&how.input, text, how.io_parameter, how.typmod);
                }
                slot->tts_values[columns] = Int32GetDatum(static_cast<int32>(s.rows[r].file));
                slot->tts_values[columns + 1] = Int64GetDatum(s.rows[r].line);
                slot->tts_values[columns + 2] = Int64GetDatum(++s.sequence);
                slot->tts_isnull[columns] = slot->tts_isnull[columns + 1] = slot->tts_isnull[columns + 2] = false;
                ExecStoreVirtualTuple(slot);
            }
            table_multi_insert(s.relation, s.slots.data(), static_cast<int>(s.rows.size()), GetCurrentCommandId(true), 0,
                               s.bulk);
            MemoryContextSwitchTo(before);
            for (std::size_t r = 0; r < s.rows.size(); ++r)
                ExecClearTuple(s.slots[r]);
            MemoryContextReset(s.memory);
        });
    } catch (const error &e) {
        // Not the value's fault: a cancel, a full disk, no memory.
        if (!e.sqlstate.starts_with("22") && !e.sqlstate.starts_with("23"))
            throw;
        const cell &value = s.cells[s.at_row * columns + s.at_column];
        throw refused_value{s.at_column, s.rows[s.at_row].file, s.rows[s.at_row].line,
                            value.size < 0 ? std::string() : s.bytes.substr(value.offset, value.size), e};
    }
    s.rows.clear();
    s.cells.clear();
    s.bytes.clear();
}

} // namespace barometre::pg
