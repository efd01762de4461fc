#include "pg/index_entries.h"
#include "pg/sorted_entries.h"

#include <type_traits>

extern "C" {
#include "catalog/index.h"
#include "utils/guc.h"
}

namespace barometre::pg {

static_assert(std::is_trivial_v<index_entries>);

void index_entries::open(ResultRelInfo *info, EState *state) {
    *this = {};
    table_ = info->ri_RelationDesc;
    state_ = state;
    owner_ = CurrentMemoryContext;
    trees_ = static_cast<tree *>(palloc(sizeof(tree) * static_cast<Size>(info->ri_NumIndices + 1)));
    int others = 0;
    for (int i = 0; i < info->ri_NumIndices; ++i) {
        const Relation index = info->ri_IndexRelationDescs[i];
        IndexInfo *what = info->ri_IndexRelationInfo[i];
        if (what->ii_ReadyForInserts && sorted_entries::suit(index)) {
            trees_[count_++] = {index, what, nullptr, nullptr};
        } else {
            info->ri_IndexRelationDescs[others] = index;
            info->ri_IndexRelationInfo[others++] = what;
        }
    }
    info->ri_NumIndices = others;
    kilobytes_ = std::max(maintenance_work_mem / std::max(count_, 1), 256);
    is_bounded_ = temp_file_limit >= 0;
    for (int i = 0; i < count_; ++i) {
        trees_[i].memory = AllocSetContextCreate(owner_, "barometre entries", ALLOCSET_DEFAULT_SIZES);
        begin(trees_[i]);
    }
}

void index_entries::begin(tree &t) const {
    MemoryContext before = MemoryContextSwitchTo(t.memory);
    t.entries = tuplesort_begin_index_btree(table_, t.index, false, false, kilobytes_, nullptr, TUPLESORT_NONE);
    MemoryContextSwitchTo(before);
}

void index_entries::add(TupleTableSlot *row) {
    ExprContext *context = GetPerTupleExprContext(state_);
    context->ecxt_scantuple = row;
    for (int i = 0; i < count_; ++i) {
        tree &t = trees_[i];
        if (t.what->ii_Predicate != NIL) {
            if (t.what->ii_PredicateState == nullptr)
                t.what->ii_PredicateState = ExecPrepareQual(t.what->ii_Predicate, state_);
            if (!ExecQual(t.what->ii_PredicateState, context))
                continue;
        }
        Datum values[INDEX_MAX_KEYS];
        bool nulls[INDEX_MAX_KEYS];
        FormIndexDatum(t.what, row, state_, values, nulls);
        tuplesort_putindextuplevalues(t.entries, t.index, &row->tts_tid, values, nulls);
        // At half of its memory: the sort doubles its array, and goes to a file where there is no room for that.
        if (is_bounded_ && MemoryContextMemAllocated(t.memory, true) > static_cast<Size>(kilobytes_) * 512) {
            enter(t);
            begin(t);
        }
    }
}

void index_entries::enter(tree &t) const {
    MemoryContext before = MemoryContextSwitchTo(owner_);
    tuplesort_performsort(t.entries);
    sorted_entries leaves;
    leaves.open(table_, t.index);
    while (IndexTuple entry = tuplesort_getindextuple(t.entries, true))
        leaves.add(entry);
    leaves.close();
    tuplesort_end(t.entries);
    MemoryContextSwitchTo(before);
}

void index_entries::close() {
    for (int i = 0; i < count_; ++i) {
        enter(trees_[i]);
        MemoryContextDelete(trees_[i].memory);
        index_close(trees_[i].index, RowExclusiveLock);
    }
    pfree(trees_);
    *this = {};
}

} // namespace barometre::pg
