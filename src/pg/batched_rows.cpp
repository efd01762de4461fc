#include "pg/batched_rows.h"
#include "pg/compat.h"

#include <type_traits>

extern "C" {
#include "executor/tuptable.h"
}

namespace barometre::pg {

static_assert(std::is_trivial_v<batched_rows>);

bool has_nothing_attached(Relation table, bool but_indexes) {
    const Form_pg_class form = table->rd_rel;
    return form->relkind == RELKIND_RELATION && form->relam == HEAP_TABLE_AM_OID &&
           table->rd_createSubid != InvalidSubTransactionId && (but_indexes || !form->relhasindex) &&
           !form->relhastriggers && !form->relrowsecurity && !form->relhasrules;
}

bool may_be_written_directly(Relation table, AclMode wanted, bool but_triggers) {
    const Form_pg_class form = table->rd_rel;
    return form->relkind == RELKIND_RELATION && form->relam == HEAP_TABLE_AM_OID && !form->relispartition &&
           (but_triggers || table->trigdesc == nullptr) && table->rd_rules == nullptr &&
           ExecutorCheckPerms_hook == nullptr &&
           pg_class_aclmask(RelationGetRelid(table), GetUserId(), wanted, ACLMASK_ALL) == wanted;
}

void raise_changed(Relation table) {
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("another session changed rows of \"%s\"", RelationGetRelationName(table))));
    pg_unreachable();
}

void batched_rows::open(Relation table, target what) {
    *this = {};
    table_ = table;
    what_ = what;
    owner_ = CurrentMemoryContext;
    memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre batch of rows", ALLOCSET_DEFAULT_SIZES);
    slots_ = static_cast<TupleTableSlot **>(palloc0(sizeof(TupleTableSlot *) * most_rows));
    shape_ = CreateTupleDescCopyConstr(RelationGetDescr(table));
    if (what == target::published || (what == target::frozen && RelationGetDescr(table)->constr != nullptr)) {
        state_ = CreateExecutorState();
        info_ = makeNode(ResultRelInfo);
        InitResultRelInfo(info_, table, 0, nullptr, 0);
        if (what == target::published)
            ExecOpenIndices(info_, false);
    }
    if (what != target::published) // whose pages are to stay in the shared buffers
        bulk_ = GetBulkInsertState();
    begin_command();
}

void batched_rows::begin_command() {
    (void)GetCurrentTransactionId();
    command_ = GetCurrentCommandId(true);
}

void batched_rows::add(HeapTuple row) {
    if (count_ == made_) {
        MemoryContext before = MemoryContextSwitchTo(owner_);
        slots_[made_++] = MakeSingleTupleTableSlot(shape_, &TTSOpsHeapTuple);
        MemoryContextSwitchTo(before);
    }
    row->t_tableOid = RelationGetRelid(table_);
    ExecStoreHeapTuple(row, slots_[count_], false);
    slots_[count_]->tts_tableOid = RelationGetRelid(table_);
    bytes_ += row->t_len;
    if (++count_ == most_rows || bytes_ >= most_bytes)
        flush();
}

void batched_rows::flush() {
    CHECK_FOR_INTERRUPTS();
    if (count_ == 0)
        return;
    MemoryContext before = MemoryContextSwitchTo(memory_);
    if (state_ != nullptr && RelationGetDescr(table_)->constr != nullptr)
        for (int i = 0; i < count_; ++i) {
            ResetPerTupleExprContext(state_);
            ExecConstraints(info_, slots_[i], state_);
        }
    // "Already its own": otherwise table_multi_insert would copy every row once more.
    for (int i = 0; i < count_; ++i)
        slots_[i]->tts_flags |= TTS_FLAG_SHOULDFREE;
    // Where nobody else writes, rows without the free space map lie in the order in which they came.
    const int how =
        what_ == target::published ? 0 : TABLE_INSERT_SKIP_FSM | (what_ == target::frozen ? TABLE_INSERT_FROZEN : 0);
    table_multi_insert(table_, slots_, count_, command_, how, bulk_);
    for (int i = 0; i < count_; ++i)
        slots_[i]->tts_flags &= static_cast<uint16>(~TTS_FLAG_SHOULDFREE);
    if (what_ == target::published)
        enter_into_indexes();
    for (int i = 0; i < count_; ++i)
        ExecClearTuple(slots_[i]);
    MemoryContextSwitchTo(before);
    MemoryContextReset(memory_);
    inserted_ += count_;
    count_ = 0;
    bytes_ = 0;
}

void batched_rows::enter_into_indexes() {
    if (!entries_.is_open() && info_->ri_NumIndices > 0 && count_ > few_rows) {
        MemoryContext before = MemoryContextSwitchTo(owner_);
        entries_.open(info_, state_);
        MemoryContextSwitchTo(before);
    }
    for (int i = 0; i < count_; ++i) {
        ResetPerTupleExprContext(state_);
        if (info_->ri_NumIndices > 0)
            compat::insert_into_indexes(info_, slots_[i], state_);
        if (entries_.is_open())
            entries_.add(slots_[i]);
    }
}

void batched_rows::close() {
    flush();
    for (int i = 0; i < made_; ++i)
        ExecDropSingleTupleTableSlot(slots_[i]);
    pfree(slots_);
    if (what_ == target::published) {
        if (entries_.is_open())
            entries_.close();
        ExecCloseIndices(info_);
    } else {
        FreeBulkInsertState(bulk_);
        table_finish_bulk_insert(table_, TABLE_INSERT_SKIP_FSM);
    }
    if (state_ != nullptr)
        FreeExecutorState(state_);
    MemoryContextDelete(memory_);
}

} // namespace barometre::pg
