#include "pg/index_entries.h"
#include "pg/sorted_entries.h"

#include <type_traits>

extern "C" {
#include "catalog/index.h"
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
            trees_[count_++] = {index, what, nullptr};
        } else {
            info->ri_IndexRelationDescs[others] = index;
            info->ri_IndexRelationInfo[others++] = what;
        }
    }
    info->ri_NumIndices = others;
    for (int i = 0; i < count_; ++i)
        trees_[i].entries = tuplesort_begin_index_btree(table_, trees_[i].index, false, false,
                                                        maintenance_work_mem / count_, nullptr, TUPLESORT_NONE);
}

void index_entries::add(TupleTableSlot *row) {
    ExprContext *context = GetPerTupleExprContext(state_);
    context->ecxt_scantuple = row;
    for (int i = 0; i < count_; ++i) {
        const tree &t = trees_[i];
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
    }
}

void index_entries::close() {
    MemoryContext before = MemoryContextSwitchTo(owner_);
    for (int i = 0; i < count_; ++i) {
        const tree &t = trees_[i];
        tuplesort_performsort(t.entries);
        sorted_entries tree;
        tree.open(table_, t.index);
        while (IndexTuple entry = tuplesort_getindextuple(t.entries, true))
            tree.add(entry);
        tree.close();
        tuplesort_end(t.entries);
        index_close(t.index, RowExclusiveLock);
    }
    MemoryContextSwitchTo(before);
    pfree(trees_);
    *this = {};
}

} // namespace barometre::pg
