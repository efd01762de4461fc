#include "pg/direct_rows.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace barometre::pg {

namespace {

// What follows runs inside call().

bool takes_rows(Relation table) {
    if (!may_be_written_directly(table, ACL_SELECT | ACL_INSERT | ACL_DELETE) || table->rd_rel->relrowsecurity)
        return false;
    for (int i = 0; i < RelationGetDescr(table)->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(RelationGetDescr(table), i);
        if (!column->attisdropped && (column->attgenerated != '\0' || column->attidentity != '\0'))
            return false;
    }
    return true;
}

int columns_in(TupleDesc shape) {
    int n = 0;
    for (int i = 0; i < shape->natts; ++i)
        n += !TupleDescAttr(shape, i)->attisdropped;
    return n;
}

/// For each column of `to` the one of `from`, or -1 for a dropped one. Null: they have not the same columns.
int *columns_from(TupleDesc from, TupleDesc to) {
    if (columns_in(from) != columns_in(to))
        return nullptr;
    auto *map = static_cast<int *>(palloc(sizeof(int) * static_cast<std::size_t>(to->natts + 1)));
    for (int i = 0; i < to->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(to, i);
        map[i] = column->attisdropped ? -1 : SPI_fnumber(from, NameStr(column->attname)) - 1;
        if (column->attisdropped)
            continue;
        if (map[i] < 0 || TupleDescAttr(from, map[i])->atttypid != column->atttypid ||
            TupleDescAttr(from, map[i])->atttypmod != column->atttypmod)
            return nullptr;
    }
    return map;
}

/// Rows on their way from one table into another.
class insertion {
public:
    void open(oid to, oid from) {
        table_ = table_open(to, RowExclusiveLock);
        source_ = table_open(from, AccessShareLock);
        const TupleDesc mine = RelationGetDescr(table_), theirs = RelationGetDescr(source_);
        map_ = columns_from(theirs, mine);
        if (map_ == nullptr)
            elog(ERROR, "\"%s\" and \"%s\" do not have the same columns", RelationGetRelationName(table_),
                 RelationGetRelationName(source_));
        alike_ = mine->natts == theirs->natts;
        for (int i = 0; i < mine->natts; ++i)
            alike_ = alike_ && map_[i] == i;
        values_ = static_cast<Datum *>(palloc0(sizeof(Datum) * static_cast<std::size_t>(mine->natts + 1)));
        nulls_ = static_cast<bool *>(palloc0(static_cast<std::size_t>(mine->natts + 1)));
        PushActiveSnapshot(GetTransactionSnapshot()); // for the functions of indexes, and values that are stored apart
        rows_.open(table_, batched_rows::target::published);
        read_ = table_slot_create(source_, nullptr);
    }
    void close() {
        rows_.close();
        ExecDropSingleTupleTableSlot(read_);
        PopActiveSnapshot();
        table_close(source_, NoLock);
        table_close(table_, NoLock);
        CommandCounterIncrement();
    }

    void take_all() {
        TableScanDesc scan = table_beginscan(source_, GetActiveSnapshot(), 0, nullptr);
        while (table_scan_getnextslot(scan, ForwardScanDirection, read_))
            take();
        table_endscan(scan);
    }
    void take_at(const row_place *places, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            auto place = std::bit_cast<ItemPointerData>(places[i]);
            if (!table_tuple_fetch_row_version(source_, &place, GetActiveSnapshot(), read_))
                elog(ERROR, "a row of \"%s\" is gone", RelationGetRelationName(source_));
            take();
        }
    }
    std::size_t inserted() const { return static_cast<std::size_t>(rows_.inserted()); }

private:
    /// Takes a copy of the row that was read, in the shape of the table.
    void take() {
        MemoryContext before = MemoryContextSwitchTo(rows_.memory());
        const HeapTuple from = ExecFetchSlotHeapTuple(read_, false, nullptr);
        const TupleDesc mine = RelationGetDescr(table_);
        HeapTuple row;
        if (alike_ && HeapTupleHeaderGetNatts(from->t_data) == mine->natts) {
            row = heap_copytuple(from);
        } else {
            slot_getallattrs(read_);
            for (int i = 0; i < mine->natts; ++i) {
                nulls_[i] = map_[i] < 0 || read_->tts_isnull[map_[i]];
                values_[i] = nulls_[i] ? Datum{0} : read_->tts_values[map_[i]];
            }
            row = heap_form_tuple(mine, values_, nulls_);
        }
        MemoryContextSwitchTo(before);
        rows_.add(row);
    }

    Relation table_ = nullptr, source_ = nullptr;
    int *map_ = nullptr;
    bool alike_ = false;
    Datum *values_ = nullptr;
    bool *nulls_ = nullptr;
    batched_rows rows_;
    TupleTableSlot *read_ = nullptr;
};
static_assert(std::is_trivially_destructible_v<insertion>); // call() may jump out of what uses it

} // namespace

bool takes_rows_directly(oid table) {
    return call([&] {
        Relation relation = table_open(table, RowExclusiveLock);
        const bool answer = takes_rows(relation);
        table_close(relation, NoLock);
        return answer;
    });
}

bool has_columns_of(oid source, oid table) {
    return call([&] {
        Relation from = table_open(source, AccessShareLock), to = table_open(table, AccessShareLock);
        const bool answer = columns_from(RelationGetDescr(from), RelationGetDescr(to)) != nullptr;
        table_close(from, NoLock);
        table_close(to, NoLock);
        return answer;
    });
}

void delete_directly(oid table, const std::vector<row_place> &rows) {
    const row_place *places = rows.data();
    const std::size_t count = rows.size();
    call([&] {
        Relation relation = table_open(table, RowExclusiveLock);
        CheckCmdReplicaIdentity(relation, CMD_DELETE);
        const CommandId command = GetCurrentCommandId(true);
        for (std::size_t i = 0; i < count; ++i) {
            if (i % 1024 == 0)
                CHECK_FOR_INTERRUPTS();
            auto place = std::bit_cast<ItemPointerData>(places[i]);
            TM_FailureData failure;
            if (heap_delete(relation, &place, command, InvalidSnapshot, true, &failure, false) != TM_Ok)
                raise_changed(relation);
        }
        table_close(relation, NoLock);
        CommandCounterIncrement();
    });
}

std::size_t insert_directly(oid table, oid source, const std::vector<row_place> *places) {
    insertion rows;
    call([&] {
        CommandCounterIncrement(); // what this command wrote counts too
        rows.open(table, source);
        if (places)
            rows.take_at(places->data(), places->size());
        else
            rows.take_all();
        rows.close();
    });
    return rows.inserted();
}

} // namespace barometre::pg
