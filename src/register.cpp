// The entry points of registration by SQL alone, as barometre.cpp has those of all else.

#include "core/project/export.h"
#include "pg/rows.h"
#include "registry/registration.h"
#include "registry/registry.h"

namespace pg = barometre::pg;
using barometre::error;

namespace {

/// A call that gives one row: what it was about, and what became of it.
void one_row(FunctionCallInfo fcinfo, const std::string &kind, const std::string &name, const std::string &change) {
    pg::return_rows(fcinfo, {{kind, name, change}});
}

std::string required(FunctionCallInfo fcinfo, int n, const std::string &call, const std::string &example) {
    if (PG_ARGISNULL(n))
        throw error("22004", call + " wants no NULL", "", "For example: SELECT * FROM " + example + ";");
    return pg::text_argument(fcinfo, n);
}

std::string options_argument(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(2))
        return "{}";
    const Datum options = PG_GETARG_DATUM(2);
    return pg::call([&] { return DatumGetCString(DirectFunctionCall1(jsonb_out, options)); });
}

/// Models and tests: a name, a query and options.
Datum register_query(FunctionCallInfo fcinfo, const std::string &kind) {
    return pg::connected([&] {
        const std::string call = "baro_register_" + kind, example = call + "('a_name', $$SELECT ...$$, '{\"description\": \"...\"}')";
        const barometre::project::registration r{kind, required(fcinfo, 0, call, example), required(fcinfo, 1, call, example), options_argument(fcinfo)};
        one_row(fcinfo, kind, r.name, barometre::register_thing(r));
    });
}

} // namespace

extern "C" {

PG_FUNCTION_INFO_V1(barometre_register_stream);
Datum barometre_register_stream(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        const std::string call = "baro_register_stream", example = call + "('a_tap', 'a_stream', '{\"path\": \"folder\", \"pattern\": \".*[.]csv\"}')";
        const std::string name = required(fcinfo, 0, call, example) + "." + required(fcinfo, 1, call, example);
        one_row(fcinfo, "stream", name, barometre::register_thing({"stream", name, "", options_argument(fcinfo)}));
    });
}

PG_FUNCTION_INFO_V1(barometre_register_model);
Datum barometre_register_model(PG_FUNCTION_ARGS) { return register_query(fcinfo, "model"); }

PG_FUNCTION_INFO_V1(barometre_register_test);
Datum barometre_register_test(PG_FUNCTION_ARGS) { return register_query(fcinfo, "test"); }

PG_FUNCTION_INFO_V1(barometre_unregister);
Datum barometre_unregister(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        const std::string example = "baro_unregister('model', 'a_name')";
        const std::string kind = required(fcinfo, 0, "baro_unregister", example), name = required(fcinfo, 1, "baro_unregister", example);
        if (kind != "stream" && kind != "model" && kind != "test")
            throw error("22023", "kind can't be \"" + kind + "\"", "", "Valid values are stream, model and test.");
        barometre::unregister_thing(kind, name);
        one_row(fcinfo, kind, name, "removed");
    });
}

PG_FUNCTION_INFO_V1(barometre_export);
Datum barometre_export(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        const auto loaded = barometre::load_project();
        std::vector<pg::row> rows;
        for (const auto &file : barometre::project::export_registered(loaded.definition, loaded.registered))
            rows.push_back({file.path, file.text});
        pg::return_rows(fcinfo, rows);
    });
}

} // extern "C"
