#include "pg/append_rows.h"
#include "pg/batched_rows.h"
#include "pg/guard.h"
#include "pg/own_heap.h"
#include "pg/time.h"

#include <type_traits>

extern "C" {
#include "commands/sequence.h"
#include "executor/tuptable.h"
}

namespace barometre::pg {

namespace {

static_assert(std::is_trivially_destructible_v<appended_value>); // call() may jump out of what looks at one

// What follows runs inside call().

/// Whether a trigger has to see each row that is inserted, or is to come before them.
bool looks_at_rows(const TriggerDesc *triggers) {
    return triggers != nullptr && (triggers->trig_insert_before_row || triggers->trig_insert_after_row ||
                                   triggers->trig_insert_before_statement || triggers->trig_insert_new_table);
}

/// Those that come after a statement.
void fire_triggers(Relation table) {
    if (table->trigdesc == nullptr || !table->trigdesc->trig_insert_after_statement)
        return;
    EState *state = CreateExecutorState();
    ResultRelInfo *info = makeNode(ResultRelInfo);
    InitResultRelInfo(info, table, 0, nullptr, 0);
    AfterTriggerBeginQuery();
    ExecASInsertTriggers(state, info, nullptr);
    AfterTriggerEndQuery(state);
    ExecCloseResultRelations(state);
    FreeExecutorState(state);
}

bool takes_appended(Relation table) {
    return may_be_written_directly(table, ACL_INSERT, true) && !looks_at_rows(table->trigdesc) &&
           !table->rd_rel->relrowsecurity;
}

/// Where the values of a column come from.
struct appended_column {
    static constexpr int none = -1, next = -2;
    int from; ///< the number of a value, or: NULL, or the next one of a sequence
    Oid type, sequence;
};

class appending {
public:
    /// False: it is for INSERT.
    bool open(const char *schema, const char *name, const char *const *columns, int count) {
        const Oid found = get_relname_relid(name, get_namespace_oid(schema, false));
        if (!OidIsValid(found))
            return false;
        table_ = table_open(found, RowExclusiveLock);
        per_row_ = count;
        if (takes_appended(table_) && find_columns(columns)) {
            begin();
            return true;
        }
        table_close(table_, NoLock);
        return false;
    }

    void add(const appended_value *row) {
        const TupleDesc shape = RelationGetDescr(table_);
        MemoryContext before = MemoryContextSwitchTo(rows_.memory());
        for (int i = 0; i < shape->natts; ++i) {
            const appended_column &column = columns_[i];
            nulls_[i] = column.from == appended_column::none ||
                        (column.from >= 0 && std::holds_alternative<std::monostate>(row[column.from]));
            values_[i] = nulls_[i]         ? Datum{0}
                         : column.from < 0 ? Int64GetDatum(nextval_internal(column.sequence, false))
                                           : datum(row[column.from], column.type);
        }
        HeapTuple tuple = heap_form_tuple(shape, values_, nulls_);
        MemoryContextSwitchTo(before);
        rows_.add(tuple);
    }

    void close() {
        rows_.close();
        CommandCounterIncrement();
        fire_triggers(table_);
        PopActiveSnapshot();
        table_close(table_, NoLock);
    }

private:
    static bool takes(Oid type) {
        return type == INT8OID || type == INT4OID || type == TEXTOID || type == BYTEAOID || type == TIMESTAMPTZOID;
    }

    bool find_columns(const char *const *names) {
        const TupleDesc shape = RelationGetDescr(table_);
        columns_ = static_cast<appended_column *>(
            palloc0(sizeof(appended_column) * static_cast<std::size_t>(shape->natts + 1)));
        int found = 0;
        for (int i = 0; i < shape->natts; ++i) {
            const Form_pg_attribute a = TupleDescAttr(shape, i);
            appended_column &column = columns_[i];
            column = {appended_column::none, a->atttypid, InvalidOid};
            if (a->attisdropped)
                continue;
            for (int k = 0; k < per_row_; ++k)
                if (strcmp(NameStr(a->attname), names[k]) == 0)
                    column.from = k;
            if (column.from >= 0) {
                ++found;
                if (a->attidentity == ATTRIBUTE_IDENTITY_ALWAYS || a->attgenerated != '\0' || !takes(a->atttypid))
                    return false;
            } else if (a->attidentity != '\0' && a->atttypid == INT8OID) {
                column.from = appended_column::next;
                column.sequence = compat::identity_sequence(table_, a->attnum);
            } else if (a->atthasdef || a->attidentity != '\0') {
                return false;
            }
        }
        return found == per_row_;
    }

    void begin() {
        PushActiveSnapshot(GetTransactionSnapshot()); // for values that are stored apart
        const std::size_t columns = static_cast<std::size_t>(RelationGetDescr(table_)->natts) + 1;
        values_ = static_cast<Datum *>(palloc0(sizeof(Datum) * columns));
        nulls_ = static_cast<bool *>(palloc0(columns));
        rows_.open(table_, batched_rows::target::published);
    }

    /// As SPI's parameters, texts are looked at: what comes from inside the server takes as it is.
    static Datum datum(const appended_value &value, Oid type) {
        if (const auto *number = std::get_if<std::int64_t>(&value))
            return type == INT4OID ? Int32GetDatum(static_cast<int32>(*number)) : Int64GetDatum(*number);
        if (const auto *time = std::get_if<time_value>(&value))
            return time_datum(timestamp_of_us(time->unix_us));
        if (const auto *bytes = std::get_if<bytes_value>(&value)) // the same form as a text's
            return PointerGetDatum(
                cstring_to_text_with_len(bytes->bytes.data(), static_cast<int>(bytes->bytes.size())));
        const std::string_view text = *std::get_if<std::string_view>(&value);
        pg_verifymbstr(text.data(), static_cast<int>(text.size()), false);
        return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
    }

    static Datum time_datum(TimestampTz time) {
        if (!IS_VALID_TIMESTAMP(time))
            ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
        return TimestampTzGetDatum(time);
    }

    Relation table_ = nullptr;
    appended_column *columns_ = nullptr;
    int per_row_ = 0;
    Datum *values_ = nullptr;
    bool *nulls_ = nullptr;
    batched_rows rows_;
};
static_assert(std::is_trivially_destructible_v<appending>);

} // namespace

bool append_directly(const std::string &schema, const std::string &table, const std::vector<std::string> &columns,
                     const std::vector<appended_value> &values) {
    if (detail::all_by_sql)
        return false;
    std::vector<const char *> names;
    for (const std::string &name : columns)
        names.push_back(name.c_str());
    const char *const *first = names.data();
    const char *in = schema.c_str(), *called = table.c_str();
    const std::size_t count = names.size();
    appending rows;
    return call([&] {
        if (!rows.open(in, called, first, static_cast<int>(count)))
            return false;
        for (std::size_t at = 0; at < values.size(); at += count)
            rows.add(values.data() + at);
        rows.close();
        return true;
    });
}

} // namespace barometre::pg
