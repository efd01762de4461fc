#include "pg/entry.h"
#include "pg/identity.h"
#include "pg/time.h"

extern "C" {
#include "utils/array.h"
#include "utils/jsonb.h"
}

namespace barometre::pg {

namespace {

/// Inside call(). What the server's macro does, which takes text for its type where it is a namespace.
char *text_of(Datum argument) { return text_to_cstring(reinterpret_cast<const ::text *>(DatumGetPointer(argument))); }

} // namespace

bool arguments::is_null(int n) const { return call_->nargs <= n || call_->args[n].isnull; }

std::string arguments::text(int n, const std::string &if_null) const {
    if (is_null(n))
        return if_null;
    const Datum argument = call_->args[n].value;
    return call([&] { return text_of(argument); });
}

std::optional<std::vector<std::string>> arguments::texts(int n) const {
    if (is_null(n))
        return std::nullopt;
    const Datum argument = call_->args[n].value;
    Datum *items = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    call([&] {
        deconstruct_array(DatumGetArrayTypeP(argument), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
    });
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        if (!nulls[i])
            out.emplace_back(call([&] { return text_of(items[i]); }));
    return out;
}

bool arguments::yes(int n) const { return !is_null(n) && DatumGetBool(call_->args[n].value); }

std::int64_t arguments::integer(int n, std::int64_t if_null) const {
    return is_null(n) ? if_null : DatumGetInt32(call_->args[n].value);
}

std::int64_t arguments::bigint(int n) const { return DatumGetInt64(call_->args[n].value); }

std::string arguments::json(int n, const std::string &if_null) const {
    if (is_null(n))
        return if_null;
    const Datum argument = call_->args[n].value;
    return call([&] { return DatumGetCString(DirectFunctionCall1(jsonb_out, argument)); });
}

std::optional<std::int64_t> arguments::seconds(int n) const {
    return is_null(n) ? std::nullopt : std::optional(seconds_since_1970(DatumGetTimestampTz(call_->args[n].value)));
}

std::optional<std::int64_t> arguments::days(int n) const {
    return is_null(n) ? std::nullopt
                      : std::optional(std::int64_t{DatumGetDateADT(call_->args[n].value)} +
                                      (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE));
}

bool arguments::may_commit() const {
    return call_->context && IsA(call_->context, CallContext) &&
           !reinterpret_cast<CallContext *>(call_->context)->atomic;
}

oid arguments::trigger_table() const {
    if (!CALLED_AS_TRIGGER(call_))
        throw error("39P01", "baro_stamp() is a trigger function", "",
                    "CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON a_table EXECUTE "
                    "FUNCTION baro_stamp();");
    auto *data = reinterpret_cast<TriggerData *>(call_->context);
    if (!TRIGGER_FIRED_FOR_STATEMENT(data->tg_event) || !TRIGGER_FIRED_AFTER(data->tg_event))
        throw error("39P01", "baro_stamp() must be an AFTER trigger FOR EACH STATEMENT");
    return RelationGetRelid(data->tg_relation);
}

namespace detail {

void begin_writing(const std::string &symbol) {
    check_version();
    refuse_read_only("baro" + symbol.substr(std::string_view("barometre").size()));
    unwritten::settle();
}

Datum return_rows(FunctionCallInfo fcinfo, const table &rows) {
    auto *info = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    AttInMetadata *reader = call([&] {
        InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
        return TupleDescGetAttInMetadata(info->setDesc);
    });
    std::vector<char *> cells;
    for (const row &r : rows) {
        cells.clear();
        for (const cell &v : r)
            cells.push_back(v ? const_cast<char *>(v->c_str()) : nullptr);
        call([&] {
            HeapTuple tuple = BuildTupleFromCStrings(reader, cells.data());
            tuplestore_puttuple(info->setResult, tuple);
            heap_freetuple(tuple);
        });
    }
    return Datum(0);
}

Datum return_text(const char *text) {
    return call([&] { return PointerGetDatum(cstring_to_text(text)); });
}

Datum return_json(const char *text) {
    return call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); });
}

Datum return_time(FunctionCallInfo fcinfo, std::optional<std::int64_t> seconds) {
    fcinfo->isnull = !seconds;
    return TimestampTzGetDatum(seconds ? timestamp_of(*seconds) : 0);
}

} // namespace detail

} // namespace barometre::pg
