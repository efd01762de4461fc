#include "pg/rows.h"

extern "C" {
#include "utils/array.h"
}

namespace barometre::pg {

Datum return_rows(FunctionCallInfo fcinfo, const std::vector<row> &rows) {
    auto *info = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    AttInMetadata *reader = call([&] {
        InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
        return TupleDescGetAttInMetadata(info->setDesc);
    });
    std::vector<char *> cells;
    for (const row &r : rows) {
        cells.clear();
        for (const value &v : r)
            cells.push_back(v ? const_cast<char *>(v->c_str()) : nullptr);
        call([&] {
            HeapTuple tuple = BuildTupleFromCStrings(reader, cells.data());
            tuplestore_puttuple(info->setResult, tuple);
            heap_freetuple(tuple);
        });
    }
    return Datum(0);
}

std::string text_argument(FunctionCallInfo fcinfo, int n, const std::string &if_null) {
    if (PG_NARGS() <= n || PG_ARGISNULL(n))
        return if_null;
    Datum argument = PG_GETARG_DATUM(n);
    return call([&] { return TextDatumGetCString(argument); });
}

std::optional<std::vector<std::string>> text_array_argument(FunctionCallInfo fcinfo, int n) {
    if (PG_NARGS() <= n || PG_ARGISNULL(n))
        return std::nullopt;
    Datum argument = PG_GETARG_DATUM(n);
    Datum *items = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    call([&] {
        deconstruct_array(DatumGetArrayTypeP(argument), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
    });
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        if (!nulls[i])
            out.emplace_back(call([&] { return TextDatumGetCString(items[i]); }));
    return out;
}

bool bool_argument(FunctionCallInfo fcinfo, int n) { return PG_NARGS() > n && !PG_ARGISNULL(n) && PG_GETARG_BOOL(n); }

Oid trigger_table(FunctionCallInfo fcinfo) {
    if (!CALLED_AS_TRIGGER(fcinfo))
        throw error("39P01", "baro_stamp() is a trigger function", "",
                    "CREATE TRIGGER baro_stamp AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON a_table EXECUTE FUNCTION baro_stamp();");
    auto *data = reinterpret_cast<TriggerData *>(fcinfo->context);
    if (!TRIGGER_FIRED_FOR_STATEMENT(data->tg_event) || !TRIGGER_FIRED_AFTER(data->tg_event))
        throw error("39P01", "baro_stamp() must be an AFTER trigger FOR EACH STATEMENT");
    return RelationGetRelid(data->tg_relation);
}

} // namespace barometre::pg
