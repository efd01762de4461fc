#include "pg/frozen_rows.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"

#include <type_traits>

extern "C" {
#include "catalog/pg_proc.h"
}

namespace barometre::pg {

namespace {

// What follows runs inside call().

bool is_for_one_process(Oid function, void *) { return func_parallel(function) == PROPARALLEL_UNSAFE; }

/// Whether an expression calls what may not run beside parallel workers, as functions that begin statements may not.
bool calls_for_one_process(Node *node, void *context) {
    if (!node)
        return false;
    if (IsA(node, CoerceToDomain) || check_functions_in_node(node, is_for_one_process, context))
        return true; // a domain's checks may call anything
    return expression_tree_walker(node, compat::walker(calls_for_one_process), context);
}

/// Takes the rows of a query into a table.
class frozen_insertion {
public:
    void open(oid table) {
        self_.receiveSlot = receive;
        self_.rStartup = start;
        self_.rShutdown = [](DestReceiver *) {};
        self_.rDestroy = [](DestReceiver *) {};
        self_.mydest = DestTuplestore; // of none SPI would say that it gave no rows
        table_ = table_open(table, RowExclusiveLock);
        if (!has_nothing_attached(table_))
            elog(ERROR, "\"%s\" can't be filled with frozen rows", RelationGetRelationName(table_));
        shape_ = RelationGetDescr(table_);
        rows_.open(table_, batched_rows::target::frozen);
    }
    void close() {
        rows_.close();
        table_close(table_, NoLock);
        CommandCounterIncrement();
    }
    DestReceiver *receiver() { return &self_; }
    /// Whether the table's checks, which the query itself has not, forbid it parallel workers.
    bool has_checks_for_one_process() const {
        const TupleConstr *constraints = shape_->constr;
        for (int i = 0; constraints != nullptr && i < constraints->num_check; ++i)
            if (calls_for_one_process(static_cast<Node *>(stringToNode(constraints->check[i].ccbin)), nullptr))
                return true;
        return false;
    }
    std::int64_t inserted() const { return rows_.inserted(); }

private:
    static frozen_insertion *of(DestReceiver *self) { return reinterpret_cast<frozen_insertion *>(self); }

    static void start(DestReceiver *self, int, TupleDesc given) {
        frozen_insertion &me = *of(self);
        bool fits = given->natts == me.shape_->natts;
        for (int i = 0; fits && i < given->natts; ++i)
            fits = TupleDescAttr(given, i)->atttypid == TupleDescAttr(me.shape_, i)->atttypid;
        if (!fits)
            elog(ERROR, "a query doesn't give the columns of \"%s\"", RelationGetRelationName(me.table_));
        me.rows_.begin_command(); // before parallel workers run
    }

    static bool receive(TupleTableSlot *row, DestReceiver *self) {
        of(self)->take(row);
        return true;
    }

    void take(TupleTableSlot *row) {
        slot_getallattrs(row);
        MemoryContext before = MemoryContextSwitchTo(rows_.memory());
        HeapTuple tuple = heap_form_tuple(shape_, row->tts_values, row->tts_isnull);
        MemoryContextSwitchTo(before);
        rows_.add(tuple);
    }

    DestReceiver self_; ///< first, so that it is found by it
    Relation table_;
    TupleDesc shape_;
    batched_rows rows_;
};
static_assert(std::is_trivially_destructible_v<frozen_insertion> && std::is_standard_layout_v<frozen_insertion>);

int execute_without_workers(const char *query, SPIExecuteOptions *options) {
    SPIPrepareOptions how = {}; // and no CURSOR_OPT_PARALLEL_OK
    SPIPlanPtr plan = SPI_prepare_extended(query, &how);
    if (plan == nullptr)
        return SPI_result;
    const int code = SPI_execute_plan_extended(plan, options);
    SPI_freeplan(plan);
    return code;
}

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
        const int code = rows.has_checks_for_one_process() ? execute_without_workers(text, &options)
                                                           : SPI_execute_extended(text, &options);
        if (code != SPI_OK_SELECT)
            elog(ERROR, "a query gave no rows: %s", SPI_result_code_string(code));
        rows.close();
    });
    return rows.inserted();
}

} // namespace barometre::pg
