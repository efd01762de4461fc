#include "pg/frozen_rows.h"
#include "pg/guard.h"

#include <type_traits>

namespace barometre::pg {

namespace {

constexpr int frozen_at_once = 1000;                ///< rows of a batch
constexpr std::size_t frozen_bytes_at_once = 65536; ///< or fewer, when they are as large as this

/// Takes the rows of a query into a table. What follows runs inside call().
class frozen_insertion {
public:
    void open(oid table) {
        self_.receiveSlot = receive;
        self_.rStartup = start;
        self_.rShutdown = [](DestReceiver *) {};
        self_.rDestroy = [](DestReceiver *) {};
        self_.mydest = DestTuplestore; // of none SPI would say that it gave no rows
        table_ = table_open(table, RowExclusiveLock);
        const Form_pg_class form = table_->rd_rel;
        if (form->relkind != RELKIND_RELATION || form->relam != HEAP_TABLE_AM_OID ||
            table_->rd_createSubid == InvalidSubTransactionId || form->relhasindex || form->relrowsecurity ||
            table_->trigdesc != nullptr || table_->rd_rules != nullptr)
            elog(ERROR, "\"%s\" can't be filled with frozen rows", RelationGetRelationName(table_));
        shape_ = RelationGetDescr(table_);
        memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre frozen rows", ALLOCSET_DEFAULT_SIZES);
        bulk_ = GetBulkInsertState();
        for (TupleTableSlot *&slot : slots_)
            slot = MakeSingleTupleTableSlot(shape_, &TTSOpsHeapTuple);
        if (shape_->constr != nullptr) {
            state_ = CreateExecutorState();
            checked_ = makeNode(ResultRelInfo);
            InitResultRelInfo(checked_, table_, 0, nullptr, 0);
        }
    }
    void close() {
        flush();
        for (TupleTableSlot *slot : slots_)
            ExecDropSingleTupleTableSlot(slot);
        if (state_)
            FreeExecutorState(state_);
        FreeBulkInsertState(bulk_);
        table_finish_bulk_insert(table_, how);
        MemoryContextDelete(memory_);
        table_close(table_, NoLock);
        CommandCounterIncrement();
    }
    DestReceiver *receiver() { return &self_; }
    std::int64_t inserted() const { return inserted_; }

private:
    static constexpr int how = TABLE_INSERT_SKIP_FSM | TABLE_INSERT_FROZEN;

    static frozen_insertion *of(DestReceiver *self) { return reinterpret_cast<frozen_insertion *>(self); }

    static void start(DestReceiver *self, int, TupleDesc given) {
        frozen_insertion &me = *of(self);
        bool fits = given->natts == me.shape_->natts;
        for (int i = 0; fits && i < given->natts; ++i)
            fits = TupleDescAttr(given, i)->atttypid == TupleDescAttr(me.shape_, i)->atttypid;
        if (!fits)
            elog(ERROR, "a query doesn't give the columns of \"%s\"", RelationGetRelationName(me.table_));
        (void)GetCurrentTransactionId(); // which can't be had once parallel workers run
        me.command_ = GetCurrentCommandId(true);
    }

    static bool receive(TupleTableSlot *row, DestReceiver *self) {
        of(self)->take(row);
        return true;
    }

    void take(TupleTableSlot *row) {
        slot_getallattrs(row);
        MemoryContext before = MemoryContextSwitchTo(memory_);
        HeapTuple tuple = heap_form_tuple(shape_, row->tts_values, row->tts_isnull);
        MemoryContextSwitchTo(before);
        tuple->t_tableOid = RelationGetRelid(table_);
        ExecStoreHeapTuple(tuple, slots_[count_], false);
        slots_[count_]->tts_tableOid = RelationGetRelid(table_);
        bytes_ += tuple->t_len;
        if (++count_ == frozen_at_once || bytes_ >= frozen_bytes_at_once)
            flush();
    }

    void flush() {
        CHECK_FOR_INTERRUPTS();
        if (count_ == 0)
            return;
        MemoryContext before = MemoryContextSwitchTo(memory_);
        if (checked_)
            for (int i = 0; i < count_; ++i) {
                ResetPerTupleExprContext(state_);
                ExecConstraints(checked_, slots_[i], state_);
            }
        // "Already its own": otherwise table_multi_insert would copy every row once more.
        for (int i = 0; i < count_; ++i)
            slots_[i]->tts_flags |= TTS_FLAG_SHOULDFREE;
        table_multi_insert(table_, slots_, count_, command_, how, bulk_);
        for (int i = 0; i < count_; ++i) {
            slots_[i]->tts_flags &= static_cast<uint16>(~TTS_FLAG_SHOULDFREE);
            ExecClearTuple(slots_[i]);
        }
        MemoryContextSwitchTo(before);
        MemoryContextReset(memory_);
        inserted_ += count_;
        count_ = 0;
        bytes_ = 0;
    }

    DestReceiver self_; ///< first, so that it is found by it
    Relation table_;
    TupleDesc shape_;
    MemoryContext memory_; ///< of a batch
    BulkInsertState bulk_;
    EState *state_;
    ResultRelInfo *checked_; ///< null: the table has no constraints
    TupleTableSlot *slots_[frozen_at_once];
    CommandId command_;
    int count_;
    std::size_t bytes_;
    std::int64_t inserted_;
};
static_assert(std::is_trivially_destructible_v<frozen_insertion> && std::is_standard_layout_v<frozen_insertion>);

} // namespace

std::int64_t fill_frozen(oid table, const std::string &query) {
    const char *text = query.c_str();
    const std::size_t size = query.size();
    frozen_insertion rows{};
    call([&] {
        pg_verifymbstr(text, static_cast<int>(size), false);
        rows.open(table);
        SPIExecuteOptions options = {};
        options.dest = rows.receiver();
        const int code = SPI_execute_extended(text, &options);
        if (code != SPI_OK_SELECT)
            elog(ERROR, "a query gave no rows: %s", SPI_result_code_string(code));
        rows.close();
    });
    return rows.inserted();
}

} // namespace barometre::pg
