#include "pg/bulk_insert.h"
#include "pg/batched_rows.h"
#include "pg/bulk_insert_state.h"
#include "pg/catalog_look.h"
#include "pg/guard.h"
#include "pg/own_heap.h"
#include "pg/transaction.h"

#include <algorithm>
#include <bit>

extern "C" {
#include "commands/progress.h"
#include "executor/tuptable.h"
#include "utils/backend_progress.h"
#include "utils/fmgrprotos.h"
}

namespace barometre::pg {

namespace {

/// What a row takes at least when all its values are as long as may be: a value over 24 bytes can go elsewhere, and a
/// pointer to it stays.
bool may_be_too_big(TupleDesc shape) {
    std::size_t size = MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(shape->natts));
    for (int i = 0; i < shape->natts; ++i)
        size += TupleDescAttr(shape, i)->attlen > 0 ? MAXALIGN(TupleDescAttr(shape, i)->attlen) : 32;
    return size > MaxHeapTupleSize;
}

/// The index of a table's primary key, if it has no other one, and that can be filled beside it; else nothing.
Relation open_key(Relation table) {
    List *indexes = RelationGetIndexList(table);
    if (list_length(indexes) != 1)
        return nullptr;
    Relation index = index_open(linitial_oid(indexes), RowExclusiveLock);
    if (key_pages::suit(index))
        return index;
    index_close(index, NoLock);
    return nullptr;
}

/// A table like this may be filled behind the server's back: nobody sees it yet,
/// and nothing hangs on its rows.
bool is_plain(Relation relation, bool has_key) {
    const TupleConstr *constr = RelationGetDescr(relation)->constr;
    return has_nothing_attached(relation, has_key) &&
           (constr == nullptr || (constr->num_defval == 0 && constr->num_check == 0 && !constr->has_generated_stored));
}

/// The type that the texts of a column of that type are read as.
oid read_as(oid type, const insert_column &column) {
    // The time in UTC is what a timestamp with time zone is stored as.
    return column.utc && type == TIMESTAMPOID ? TIMESTAMPTZOID : type;
}

} // namespace

bulk_insert::bulk_insert(const std::string &schema, const std::string &table, std::vector<insert_column> columns,
                         std::int64_t total_bytes)
    : s_(std::make_unique<state>()) {
    state &s = *s_;
    s.schema = schema;
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
        s.index = open_key(s.relation);
        if (!is_plain(s.relation, s.index != nullptr) || shape->natts < natts + 2 || shape->natts > natts + 3)
            ereport(
                ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 errmsg("table \"%s\" can't be filled directly, because something was attached to it when it was made",
                        table_name),
                 errhint("Look for event triggers that change new tables.")));
        s.is_wide = may_be_too_big(shape);
        s.memory = AllocSetContextCreate(CurrentMemoryContext, "barometre batch", ALLOCSET_DEFAULT_SIZES);
        s.bulk = GetBulkInsertState();
        s.has_pages = !s.is_wide && own_pages::suit(s.relation);
        if (s.has_pages)
            s.pages.open(s.relation);
        if (s.index != nullptr) {
            s.integer_key = s.index->rd_index->indkey.values[0] - 1;
            s.keys.open(s.index);
        }
        for (std::size_t i = 0; i < s.readers.size(); ++i) {
            Form_pg_attribute attribute = TupleDescAttr(shape, static_cast<int>(i));
            Oid function;
            getTypeInputInfo(read_as(attribute->atttypid, s.columns[i]), &function, &s.readers[i].io_parameter);
            fmgr_info(function, &s.readers[i].input);
            s.readers[i].typmod = attribute->atttypmod;
            s.readers[i].is_text = attribute->atttypid == TEXTOID;
            s.readers[i].is_bigint = attribute->atttypid == INT8OID;
            s.readers[i].is_domain = get_typtype(attribute->atttypid) == TYPTYPE_DOMAIN;
        }
        const int which[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE, PROGRESS_COPY_BYTES_TOTAL};
        const int64 what[] = {PROGRESS_COPY_COMMAND_FROM, PROGRESS_COPY_TYPE_FILE, total_bytes};
        pgstat_progress_start_command(PROGRESS_COMMAND_COPY, oid);
        pgstat_progress_update_multi_param(3, which, what);
    });
    for (std::size_t i = 0; i < s.readers.size(); ++i) {
        s.readers[i].md5 = s.columns[i].md5;
    }
}

bulk_insert::~bulk_insert() {
    // After an error the transaction's abort frees all this.
    if (s_->relation && std::uncaught_exceptions() == s_->exceptions) {
        for (TupleTableSlot *slot : s_->slots)
            ExecDropSingleTupleTableSlot(slot);
        FreeBulkInsertState(s_->bulk);
        MemoryContextDelete(s_->memory);
        if (s_->index != nullptr)
            index_close(s_->index, NoLock);
        table_close(s_->relation, NoLock);
        pgstat_progress_end_command();
    }
}

std::unique_ptr<row_packer> bulk_insert::packer() const {
    TupleDesc shape = RelationGetDescr(s_->relation);
    std::vector<stored_type> types;
    for (int i = 0; i < shape->natts; ++i)
        types.push_back({TupleDescAttr(shape, i)->atttypid, TupleDescAttr(shape, i)->atttypmod});
    for (std::size_t i = 0; i < s_->columns.size(); ++i)
        types[i].type = read_as(types[i].type, s_->columns[i]);
    return std::make_unique<row_packer>(types, s_->columns);
}

void bulk_insert::leave_out_rows_of(const std::string &other, int ascending, std::int64_t bytes) {
    s_->other = other;
    s_->other_bytes = bytes;
    s_->integer_key = ascending;
}

/// How rows that are there already are told: by the keys of the first batch.
void bulk_insert::choose_known(const row_batch &first) {
    state &s = *s_;
    const int n = static_cast<int>(s.columns.size());
    known_table of{find_relation(s.schema, std::exchange(s.other, "")), RelationGetDescr(s.relation), n, {}};
    if (of.table == no_oid || !rows_elsewhere(of.table).empty())
        return;
    for (int i = 0; i < n; ++i)
        if (s.columns[static_cast<std::size_t>(i)].required)
            of.key.push_back(i);
    const auto falls = [](const auto &a, const auto &b) { return a.key >= b.key; };
    if (s.integer_key >= 0 && std::ranges::adjacent_find(first.rows, falls) == first.rows.end())
        s.known = walk_by_key(of);
    if (!s.known)
        s.known = hash_by_key(of, s.other_bytes);
    s.knows_places = s.known && s.has_pages;
}

std::int64_t bulk_insert::left_out() const { return s_->left_out; }
const std::vector<row_place> &bulk_insert::places() const { return s_->places; }
std::int64_t bulk_insert::superseded() const { return s_->known ? s_->known->superseded() : 0; }
bool bulk_insert::is_lost() const { return s_->known && s_->known->is_lost(); }
std::int64_t bulk_insert::inserted() const { return s_->inserted; }

/// Before row `at` of the batch is looked at: tells of the next ones, as far as `expected`. Inside call().
void bulk_insert::expect_rows(row_batch &batch, std::size_t at, std::size_t &expected) {
    known_rows *known = s_->known.get();
    if (known == nullptr)
        return;
    for (const std::size_t end = std::min(at + known_rows::most_expected, batch.rows.size()); expected < end;
         ++expected) {
        const row_batch::batched_row &row = batch.rows[expected];
        if (row.size > 0)
            known->expect(reinterpret_cast<HeapTupleHeader>(batch.bytes.data() + row.offset));
        else if (s_->formed[expected] != nullptr)
            known->expect(s_->formed[expected]->t_data);
    }
}

void bulk_insert::insert(row_batch &batch) {
    state &s = *s_;
    if (batch.rows.empty())
        return;
    const bool has_texts = !batch.origins.empty();
    if (has_texts)
        form_texts(batch);
    if (!s.other.empty())
        choose_known(batch);
    if (s.has_pages)
        return insert_pages(batch);
    s.tuples.resize(std::max(s.tuples.size(), batch.rows.size()));
    s.slots.reserve(s.tuples.size());
    s.rows.resize(s.tuples.size());
    std::size_t n = 0, refused = 0; // rows to insert, and refused ones
    call([&] {
        CHECK_FOR_INTERRUPTS();
        if (s.slots.size() < batch.rows.size()) { // with a shape of their own, whose users nobody counts
            TupleDesc shape = CreateTupleDescCopy(RelationGetDescr(s.relation));
            while (s.slots.size() < batch.rows.size())
                s.slots.push_back(
                    MakeSingleTupleTableSlot(shape, &TTSOpsHeapTuple)); // reserved: allocates nothing of C++'s
        }
        MemoryContext before = MemoryContextSwitchTo(s.memory);
        known_rows *known = s.known.get();
        std::size_t expected = 0;
        for (std::size_t r = 0; r < batch.rows.size(); ++r) {
            expect_rows(batch, r, expected);
            const row_batch::batched_row &row = batch.rows[r];
            HeapTuple tuple = &s.tuples[n];
            if (row.size > 0) {
                auto header = reinterpret_cast<HeapTupleHeader>(batch.bytes.data() + row.offset);
                if (known && known->has(row.key, header, row.data))
                    continue;
                tuple->t_len = row.size;
                tuple->t_data = header;
                ItemPointerSetInvalid(&tuple->t_self);
                tuple->t_tableOid = InvalidOid;
            } else if (s.formed[r] == nullptr) {
                ++refused;
                continue;
            } else {
                if (known && known->has(row.key, s.formed[r]->t_data, 0))
                    continue;
                *tuple = *s.formed[r];
            }
            ExecStoreHeapTuple(tuple, s.slots[n], false);
            s.rows[n] = r;
            // "Already its own": otherwise table_multi_insert would copy every tuple once more.
            s.slots[n++]->tts_flags |= TTS_FLAG_SHOULDFREE;
        }
        MemoryContextSwitchTo(before);
    });
    const std::size_t refused_whole = put(batch, 0, n);
    call([&] {
        for (std::size_t r = 0; r < n; ++r) {
            s.slots[r]->tts_flags &= static_cast<uint16>(~TTS_FLAG_SHOULDFREE);
            ExecClearTuple(s.slots[r]);
        }
        MemoryContextReset(s.memory);
    });
    count(batch, batch.rows.size() - refused - n, refused + refused_whole);
}

/// For the places of some rows more; of very many none is kept.
void bulk_insert::state::make_room(std::size_t rows) {
    constexpr std::size_t most = 2'000'000;
    const std::size_t wanted = places.size() + rows;
    knows_places = wanted <= most;
    if (!knows_places)
        places = {};
    else if (wanted > places.capacity())
        places.reserve(std::max(wanted, 2 * places.capacity()));
}

/// The same where pages are filled that nobody else sees.
void bulk_insert::insert_pages(row_batch &batch) {
    state &s = *s_;
    std::size_t n = 0, refused = 0;
    if (s.knows_places) // so that call() allocates nothing of C++'s
        s.make_room(batch.rows.size());
    const checkpoint_delay delayed;
    call([&] {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(s.memory);
        known_rows *known = s.known.get();
        std::size_t expected = 0;
        s.pages.begin();
        for (std::size_t r = 0; r < batch.rows.size(); ++r) {
            expect_rows(batch, r, expected);
            const row_batch::batched_row &row = batch.rows[r];
            HeapTupleData packed;
            HeapTuple tuple = &packed;
            if (row.size > 0) {
                packed.t_len = row.size;
                packed.t_data = reinterpret_cast<HeapTupleHeader>(batch.bytes.data() + row.offset);
                ItemPointerSetInvalid(&packed.t_self);
                packed.t_tableOid = InvalidOid;
            } else if (s.formed[r] == nullptr) {
                ++refused;
                continue;
            } else {
                tuple = s.formed[r];
            }
            if (known && known->has(row.key, tuple->t_data, row.size > 0 ? row.data : 0))
                continue;
            if (s.knows_places)
                s.places.push_back(std::bit_cast<row_place>(known->place()));
            const ItemPointerData place = s.pages.add(tuple);
            if (s.index != nullptr)
                s.keys.add(row.key, place);
            ++n;
        }
        MemoryContextSwitchTo(before);
        MemoryContextReset(s.memory);
        pgstat_count_heap_insert(s.relation, static_cast<PgStat_Counter>(n));
    });
    count(batch, batch.rows.size() - refused - n, refused);
}

void bulk_insert::count(const row_batch &batch, std::size_t left_out, std::size_t refused) {
    s_->left_out += static_cast<std::int64_t>(left_out);
    s_->inserted += static_cast<std::int64_t>(batch.rows.size() - refused);
    const int which[] = {PROGRESS_COPY_BYTES_PROCESSED, PROGRESS_COPY_TUPLES_PROCESSED};
    const int64 what[] = {static_cast<int64>(batch.read_bytes), s_->inserted};
    call([&] { pgstat_progress_update_multi_param(2, which, what); });
}

/// Inserts what `n` slots hold; where a row may be too big, by halves, so that only such rows are missing. Gives how
/// many are.
std::size_t bulk_insert::put(row_batch &batch, std::size_t first, std::size_t n) {
    state &s = *s_;
    if (n == 0)
        return 0;
    // The buffers that a bulk state holds would be gone after an error.
    const auto insert = [&](BulkInsertState bulk) {
        call([&] {
            MemoryContext before = MemoryContextSwitchTo(s.memory);
            // Without the free space map rows lie in the order in which they came.
            table_multi_insert(s.relation, s.slots.data() + first, static_cast<int>(n), GetCurrentCommandId(true),
                               TABLE_INSERT_SKIP_FSM, bulk);
            MemoryContextSwitchTo(before);
        });
    };
    if (!s.is_wide) {
        insert(s.bulk);
        return 0;
    }
    try {
        in_subtransaction([&] { insert(nullptr); });
        return 0;
    } catch (const error &e) {
        if (e.sqlstate != "54000")
            throw;
        if (n > 1)
            return put(batch, first, n / 2) + put(batch, first + n / 2, n - n / 2);
        const row_batch::batched_row &row = batch.rows[s.rows[first]];
        reject rejected;
        if (row.size == 0)
            rejected = batch.origins[row.data];
        rejected.file = row.file;
        rejected.line = row.line;
        rejected.last_line = std::max(rejected.last_line, row.line);
        rejected.sqlstate = e.sqlstate;
        rejected.reason = "the table has no room for it: " + e.message;
        rejected.hint =
            "A row may have 8,160 bytes, and of each long value a pointer of 18 bytes is part of it: leave out "
            "columns, with \"map\" for example";
        batch.rejects.push_back(std::move(rejected));
        return 1;
    }
}

void bulk_insert::finish() {
    const checkpoint_delay delayed;
    state &s = *s_;
    call([&] {
        if (s.has_pages)
            s.pages.close();
        table_finish_bulk_insert(s.relation, TABLE_INSERT_SKIP_FSM);
        if (s.index == nullptr)
            return;
        s.keys.close();
        if (s.has_pages && !s.keys.is_broken()) { // as who makes an index does
            compat::note_size(s.relation, static_cast<double>(s.inserted), true);
            compat::note_size(s.index, static_cast<double>(s.inserted), false);
            CommandCounterIncrement();
        }
    });
}

bool bulk_insert::has_key() const { return s_->index != nullptr && s_->has_pages && !s_->keys.is_broken(); }

} // namespace barometre::pg
