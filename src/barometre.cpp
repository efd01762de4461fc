// The entry points: what SQL calls. Each is the macro and a few lines; the guard
// (pg/guard.h) turns exceptions into errors of the server.

#include "job/calls.h"
#include "model/list.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/relations.h"
#include "pg/rows.h"
#include "pg/settings.h"
#include "registry/change.h"
#include "registry/compile.h"
#include "registry/grant.h"
#include "tap/check.h"

#include <algorithm>

using namespace std::string_literals;
namespace pg = barometre::pg;
using barometre::error;
namespace job = barometre::job;
namespace project = barometre::project;

namespace {

pg::value count(std::int64_t n) { return std::to_string(n); }

void load_streams(FunctionCallInfo fcinfo) {
    const auto loaded = barometre::load_project();
    std::vector<barometre::step> streams;
    job::within(loaded, job::load(loaded, pg::text_argument(fcinfo, 0), pg::text_array_argument(fcinfo, 1), pg::bool_argument(fcinfo, 2), streams));
    std::vector<pg::row> rows;
    for (const barometre::step &s : streams)
        rows.push_back({s.name.substr(s.name.find('.') + 1), count(s.files), count(s.read), count(s.records), count(s.inserted), count(s.updated),
                        count(s.unchanged), count(s.rejected), barometre::format_seconds(s.seconds)});
    pg::return_rows(fcinfo, rows);
}

void load_seeds(FunctionCallInfo fcinfo) {
    const auto loaded = barometre::load_project();
    job::seeded seeds;
    job::within(loaded, job::seed(loaded, pg::text_array_argument(fcinfo, 0), seeds));
    std::vector<pg::row> rows;
    for (const auto &[state, s] : seeds)
        rows.push_back({s.name, barometre::model::seed_state_name(state), count(s.records), barometre::format_seconds(s.seconds)});
    pg::return_rows(fcinfo, rows);
}

void check_streams(FunctionCallInfo fcinfo) {
    const auto loaded = barometre::load_project();
    std::vector<pg::row> rows;
    job::as_owner(loaded, [&] {
        for (const project::stream *s : job::chosen_streams(loaded.definition, pg::text_argument(fcinfo, 0), std::nullopt))
            for (pg::row &found : barometre::tap::check_stream(*s)) {
                found.insert(found.begin(), s->name);
                rows.push_back(std::move(found));
            }
    });
    pg::return_rows(fcinfo, rows);
}

void preview(FunctionCallInfo fcinfo) {
    const std::string tap = pg::text_argument(fcinfo, 0), stream = pg::text_argument(fcinfo, 1);
    if (tap.empty() || stream.empty() || PG_ARGISNULL(2) || PG_GETARG_INT32(2) < 1)
        throw error("22023", "baro_preview wants a tap, a stream and a positive number of records", "",
                    "For example: SELECT * FROM baro_preview('tap_csv_ppel', 'ppel_logs');");
    const auto loaded = barometre::load_project();
    const auto streams = job::chosen_streams(loaded.definition, tap, std::vector<std::string>{stream});
    std::vector<pg::row> rows;
    job::as_owner(loaded, [&] { rows = barometre::tap::preview_stream(*streams.at(0), PG_GETARG_INT32(2)); });
    pg::return_rows(fcinfo, rows);
}

void transform(FunctionCallInfo fcinfo) {
    barometre::model::transform_options options;
    options.selection = pg::text_argument(fcinfo, 0, "*");
    options.exclude = pg::text_argument(fcinfo, 1);
    options.full_refresh = pg::bool_argument(fcinfo, 2);
    const std::string on_failure = pg::text_argument(fcinfo, 3, "stop");
    if (on_failure != "stop" && on_failure != "skip")
        throw error("22023", "on_failure can't be \"" + on_failure + "\"", "", "Valid values are stop and skip.");
    options.skip_failures = on_failure == "skip";

    const bool may_commit = fcinfo->context && IsA(fcinfo->context, CallContext) &&
                            !reinterpret_cast<CallContext *>(fcinfo->context)->atomic;
    pg::spi connection(may_commit);
    const auto loaded = barometre::load_project();
    const job::call call = job::transform(loaded, options);
    if (may_commit)
        job::committing(connection, loaded, call);
    else // inside a transaction block: the block decides
        job::within(loaded, call);
}

job::tested run_tests(const std::string &selection) {
    const auto loaded = barometre::load_project();
    job::tested results;
    job::within(loaded, job::test(loaded, selection, results));
    return results;
}

/// baro_ls and baro_plan.
template <class List> void list(FunctionCallInfo fcinfo, List &&of) {
    const std::string selection = pg::text_argument(fcinfo, 0, "*");
    const auto loaded = barometre::load_project();
    std::vector<pg::row> rows;
    job::as_owner(loaded, [&] { rows = of(loaded.definition, selection); });
    pg::return_rows(fcinfo, rows);
}

} // namespace

extern "C" {

PG_MODULE_MAGIC;

void _PG_init(void);
void _PG_init(void) { barometre::pg::define_settings(); }

PG_FUNCTION_INFO_V1(barometre_run);
Datum barometre_run(PG_FUNCTION_ARGS) { return pg::connected([&] { load_streams(fcinfo); }); }

PG_FUNCTION_INFO_V1(barometre_seed);
Datum barometre_seed(PG_FUNCTION_ARGS) { return pg::connected([&] { load_seeds(fcinfo); }); }

PG_FUNCTION_INFO_V1(barometre_transform);
Datum barometre_transform(PG_FUNCTION_ARGS) {
    return pg::entry([&] {
        transform(fcinfo);
        return Datum(0);
    });
}

PG_FUNCTION_INFO_V1(barometre_load_project);
Datum barometre_load_project(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        const std::string path = pg::text_argument(fcinfo, 0);
        const auto loaded = barometre::load_project(path.empty() ? std::nullopt : std::optional(path));
        std::vector<pg::row> rows;
        for (const auto &c : loaded.changes)
            rows.push_back({c.kind, c.name, c.change});
        pg::return_rows(fcinfo, rows);
    });
}

PG_FUNCTION_INFO_V1(barometre_grant);
Datum barometre_grant(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        const auto loaded = barometre::load_project();
        std::vector<pg::row> rows;
        for (const auto &g : barometre::grant_roles(loaded.definition))
            rows.push_back({g.role, g.privilege, g.object});
        pg::return_rows(fcinfo, rows);
    });
}

PG_FUNCTION_INFO_V1(barometre_compile);
Datum barometre_compile(PG_FUNCTION_ARGS) {
    return pg::entry([&] {
        std::string sql;
        {
            pg::spi connection;
            const std::string name = pg::text_argument(fcinfo, 0);
            const auto loaded = barometre::load_project();
            const project::model *m = loaded.definition.find_model(name);
            std::vector<std::string> known;
            for (const project::model &one : loaded.definition.models)
                known.push_back(one.name);
            if (!m)
                throw job::unknown("model", name, known);
            sql = barometre::compile(loaded.definition, m->source, m->file);
        }
        const char *text = sql.c_str();
        return pg::call([&] { return PointerGetDatum(cstring_to_text(text)); });
    });
}

PG_FUNCTION_INFO_V1(barometre_ls);
Datum barometre_ls(PG_FUNCTION_ARGS) {
    return pg::connected([&] { list(fcinfo, barometre::model::list_nodes); });
}

PG_FUNCTION_INFO_V1(barometre_plan);
Datum barometre_plan(PG_FUNCTION_ARGS) {
    return pg::connected([&] { list(fcinfo, barometre::model::plan_nodes); });
}

PG_FUNCTION_INFO_V1(barometre_stamp);
Datum barometre_stamp(PG_FUNCTION_ARGS) {
    return pg::connected([&] { barometre::stamp_change(pg::trigger_table(fcinfo)); });
}

PG_FUNCTION_INFO_V1(barometre_check);
Datum barometre_check(PG_FUNCTION_ARGS) { return pg::connected([&] { check_streams(fcinfo); }); }

PG_FUNCTION_INFO_V1(barometre_preview);
Datum barometre_preview(PG_FUNCTION_ARGS) { return pg::connected([&] { preview(fcinfo); }); }

PG_FUNCTION_INFO_V1(barometre_test);
Datum barometre_test(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        std::vector<pg::row> rows;
        for (const auto &[t, o] : run_tests(pg::text_argument(fcinfo, 0, "*")))
            rows.push_back({t.target, t.name, t.config.severity_name(), o.status,
                            o.status == "skip" || o.status == "error" ? pg::value() : count(o.failures), barometre::format_seconds(o.seconds)});
        pg::return_rows(fcinfo, rows);
    });
}

PG_FUNCTION_INFO_V1(barometre_test_tap);
Datum barometre_test_tap(PG_FUNCTION_ARGS) {
    return pg::connected([&] {
        const auto results = run_tests(pg::text_argument(fcinfo, 0, "*"));
        std::vector<pg::row> rows{{"1.." + std::to_string(results.size())}};
        int number = 0;
        for (const auto &[t, o] : results) {
            const bool bad = o.status == "fail" || o.status == "error";
            const std::string directive = o.status == "skip" ? " # SKIP " + o.message : o.status == "warn" ? " # TODO warning only" : "";
            rows.push_back({(bad || o.status == "warn" ? "not ok " : "ok ") + std::to_string(++number) + " - " + t.target + " " + t.name + directive});
            if (o.status == "error")
                rows.push_back({"# " + o.message});
            else if (o.failures)
                rows.push_back({"# " + std::to_string(o.failures) + " failing rows; samples are in barometre.test_result"});
        }
        pg::return_rows(fcinfo, rows);
    });
}

} // extern "C"
