// The entry points: what SQL calls. Each is the macro and a few lines; the guard
// (pg/guard.h) turns exceptions into errors of the server.

#include "core/name/column_name.h"
#include "model/functions.h"
#include "model/list.h"
#include "model/seed.h"
#include "model/transform.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/relations.h"
#include "pg/rows.h"
#include "pg/settings.h"
#include "registry/change.h"
#include "registry/compile.h"
#include "registry/grant.h"
#include "tap/check.h"
#include "tap/load_stream.h"
#include "test/data_test.h"

#include <algorithm>

using namespace std::string_literals;
namespace pg = barometre::pg;
using barometre::error;
using barometre::run;
using barometre::step;
namespace project = barometre::project;

namespace {

/// Runs `work` as the project's owner, with pinned settings.
template <class Work> void as_owner(const barometre::loaded_project &loaded, Work &&work) {
    pg::identity owner(loaded.owner, true);
    pg::pinned_settings settings(barometre::search_path(loaded.definition), loaded.definition.timezone);
    work();
}

/// The same under a run in barometre.run that is kept whether the work succeeds or not.
template <class Work> void as_run(const barometre::loaded_project &loaded, const std::string &kind, const std::string &name, Work &&work) {
    run memory(kind, name);
    try {
        as_owner(loaded, [&] {
            work(memory);
            memory.succeed();
        });
    } catch (const error &e) {
        memory.fail(e);
        throw;
    }
}

error unknown(const std::string &what, const std::string &name, const std::vector<std::string> &known) {
    const std::string near = barometre::nearest_name(name, known);
    std::string list;
    for (const std::string &k : known)
        list += (list.empty() ? "" : ", ") + k;
    return error(barometre::sqlstate::unknown_name, "there is no " + what + " \"" + name + "\" in the project", "",
                 !near.empty() ? "Did you mean \"" + near + "\"?" : list.empty() ? "The project has none." : "There are: " + list + ".");
}

std::vector<const project::stream *> chosen_streams(const project::project &p, const std::string &tap,
                                                    const std::optional<std::vector<std::string>> &names) {
    std::vector<std::string> taps;
    for (const project::tap &t : p.taps)
        taps.push_back(t.name);
    if (!tap.empty() && !p.find_tap(tap))
        throw unknown("tap", tap, taps);
    std::vector<const project::stream *> out;
    std::vector<std::string> known;
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams) {
            if (!tap.empty() && t.name != tap)
                continue;
            known.push_back(s.name);
            if (!names || std::find(names->begin(), names->end(), s.name) != names->end())
                out.push_back(&s);
        }
    if (names)
        for (const std::string &name : *names)
            if (std::find(known.begin(), known.end(), name) == known.end())
                throw unknown("stream", name, known);
    return out;
}

pg::value count(std::int64_t n) { return std::to_string(n); }

void load_streams(FunctionCallInfo fcinfo) {
    const std::string tap = pg::text_argument(fcinfo, 0);
    const auto names = pg::text_array_argument(fcinfo, 1);
    const bool full_refresh = pg::bool_argument(fcinfo, 2);
    const auto loaded = barometre::load_project();
    const auto streams = chosen_streams(loaded.definition, tap, names);
    std::vector<pg::row> rows;
    as_run(loaded, "run", tap.empty() ? "*" : tap, [&](run &memory) {
        for (const project::stream *s : streams) {
            step done;
            try {
                done = barometre::tap::load_stream(*s, full_refresh, memory);
            } catch (error &e) {
                done.kind = "stream";
                done.name = s->tap + "." + s->name;
                // A cancel is not the stream's doing.
                if (!e.sqlstate.starts_with("57") && e.message.find('"' + done.name + '"') == std::string::npos)
                    e.message = "stream \"" + done.name + "\": " + e.message;
                done.status = "failed";
                done.sqlstate = e.sqlstate;
                done.message = e.message;
                memory.add(done);
                throw;
            }
            memory.add(done);
            rows.push_back({s->name, count(done.files), count(done.read), count(done.records), count(done.inserted),
                            count(done.updated), count(done.unchanged), count(done.rejected), barometre::format_seconds(done.seconds)});
            pg::notice(done.name + ": " + count(done.read).value() + " of " + count(done.files).value() + " files read, " +
                       barometre::format_count(done.records) + " records: " + barometre::format_count(done.inserted) + " inserted, " +
                       barometre::format_count(done.updated) + " updated, " + barometre::format_count(done.unchanged) + " unchanged" +
                       (done.rejected ? ", " + barometre::format_count(done.rejected) + " rejected (SELECT * FROM barometre.reject WHERE run = " + count(memory.id()).value() + ")" : ""s) +
                       (done.superseded ? ", " + barometre::format_count(done.superseded) + " superseded" : ""s) +
                       (done.deleted ? "; " + barometre::format_count(done.deleted) + " rows deleted" : ""s));
        }
    });
    pg::return_rows(fcinfo, rows);
}

void check_streams(FunctionCallInfo fcinfo) {
    const auto loaded = barometre::load_project();
    std::vector<pg::row> rows;
    as_owner(loaded, [&] {
        for (const project::stream *s : chosen_streams(loaded.definition, pg::text_argument(fcinfo, 0), std::nullopt))
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
    const auto streams = chosen_streams(loaded.definition, tap, std::vector<std::string>{stream});
    std::vector<pg::row> rows;
    as_owner(loaded, [&] { rows = barometre::tap::preview_stream(*streams.at(0), PG_GETARG_INT32(2)); });
    pg::return_rows(fcinfo, rows);
}

void load_seeds(FunctionCallInfo fcinfo) {
    const auto names = pg::text_array_argument(fcinfo, 0);
    const auto loaded = barometre::load_project();
    std::vector<std::string> known;
    for (const project::seed &s : loaded.definition.seeds)
        known.push_back(s.name);
    if (names)
        for (const std::string &name : *names)
            if (!loaded.definition.find_seed(name))
                throw unknown("seed", name, known);
    std::vector<pg::row> rows;
    as_run(loaded, "seed", "*", [&](run &memory) {
        for (const project::seed &s : loaded.definition.seeds) {
            if (names && std::find(names->begin(), names->end(), s.name) == names->end())
                continue;
            step done;
            auto state = barometre::model::load_seed(loaded.definition, s, done);
            memory.add(done);
            rows.push_back({s.name, barometre::model::seed_state_name(state), count(done.records), barometre::format_seconds(done.seconds)});
        }
    });
    pg::return_rows(fcinfo, rows);
}

/// The work of a procedure in transactions of its own: the run's row is committed first, then all work is done in one
/// snapshot, and what went wrong is kept though the work is rolled back.
void transform_committing(pg::spi &connection, const barometre::model::transform_options &options) {
    const auto loaded = barometre::load_project();
    std::optional<barometre::model::transformation> work;
    as_owner(loaded, [&] { work.emplace(loaded.definition, options); });
    run memory("transform", options.selection, true);
    connection.commit();
    std::optional<error> failure;
    try {
        // The server's state after an error is fit for a rollback only once the subtransaction is undone.
        pg::one_snapshot();
        pg::in_subtransaction([&] {
            as_owner(loaded, [&] {
                work->lock();
                work->run(memory);
                memory.succeed();
            });
        });
    } catch (const error &e) {
        failure = e;
    }
    if (failure) {
        connection.rollback();
        memory.undo_steps("not published, because the run failed");
        memory.fail(*failure);
    }
    connection.commit();
    memory.release();
    if (failure) {
        connection.commit();
        throw *failure;
    }
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
    if (may_commit) {
        transform_committing(connection, options);
        return;
    }
    const auto loaded = barometre::load_project(); // inside a transaction block: the block decides
    as_run(loaded, "transform", options.selection, [&](run &memory) {
        barometre::model::transformation work(loaded.definition, options);
        work.lock();
        work.run(memory);
    });
}

std::vector<std::pair<barometre::test::data_test, barometre::test::outcome>> run_tests(const std::string &selection) {
    namespace test = barometre::test;
    const auto loaded = barometre::load_project();
    const project::project &p = loaded.definition;
    std::vector<std::pair<test::data_test, test::outcome>> out;
    as_run(loaded, "test", selection, [&](run &memory) {
        if (barometre::model::functions_changed(p)) {
            pg::lock_name("functions of project", p.name);
            barometre::model::make_functions(p);
        }
        const auto tests = test::select_tests(p, selection);
        const auto outcomes = test::run_tests(p, tests, test::published(p), memory);
        for (std::size_t i = 0; i < tests.size(); ++i) {
            step done;
            done.kind = "test";
            done.name = tests[i].target + " " + tests[i].name;
            done.status = outcomes[i].status;
            done.records = outcomes[i].failures;
            done.seconds = outcomes[i].seconds;
            done.message = outcomes[i].message;
            memory.add(done);
            out.emplace_back(tests[i], outcomes[i]);
        }
    });
    return out;
}

/// baro_ls and baro_plan.
template <class List> void list(FunctionCallInfo fcinfo, List &&of) {
    const std::string selection = pg::text_argument(fcinfo, 0, "*");
    const auto loaded = barometre::load_project();
    std::vector<pg::row> rows;
    as_owner(loaded, [&] { rows = of(loaded.definition, selection); });
    pg::return_rows(fcinfo, rows);
}

/// A connection to SQL around `work`, which fills the function's result.
template <class Work> Datum connected(FunctionCallInfo fcinfo, Work &&work) {
    return pg::entry([&] {
        pg::spi connection;
        work(fcinfo);
        return Datum(0);
    });
}

} // namespace

extern "C" {

PG_MODULE_MAGIC;

void _PG_init(void);
void _PG_init(void) { barometre::pg::define_settings(); }

PG_FUNCTION_INFO_V1(barometre_run);
Datum barometre_run(PG_FUNCTION_ARGS) { return connected(fcinfo, load_streams); }

PG_FUNCTION_INFO_V1(barometre_seed);
Datum barometre_seed(PG_FUNCTION_ARGS) { return connected(fcinfo, load_seeds); }

PG_FUNCTION_INFO_V1(barometre_transform);
Datum barometre_transform(PG_FUNCTION_ARGS) {
    return pg::entry([&] {
        transform(fcinfo);
        return Datum(0);
    });
}

PG_FUNCTION_INFO_V1(barometre_load_project);
Datum barometre_load_project(PG_FUNCTION_ARGS) {
    return connected(fcinfo, [](FunctionCallInfo fcinfo) {
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
    return connected(fcinfo, [](FunctionCallInfo fcinfo) {
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
                throw unknown("model", name, known);
            sql = barometre::compile(loaded.definition, m->source, m->file);
        }
        const char *text = sql.c_str();
        return pg::call([&] { return PointerGetDatum(cstring_to_text(text)); });
    });
}

PG_FUNCTION_INFO_V1(barometre_ls);
Datum barometre_ls(PG_FUNCTION_ARGS) {
    return connected(fcinfo, [](FunctionCallInfo fcinfo) { list(fcinfo, barometre::model::list_nodes); });
}

PG_FUNCTION_INFO_V1(barometre_plan);
Datum barometre_plan(PG_FUNCTION_ARGS) {
    return connected(fcinfo, [](FunctionCallInfo fcinfo) { list(fcinfo, barometre::model::plan_nodes); });
}

PG_FUNCTION_INFO_V1(barometre_stamp);
Datum barometre_stamp(PG_FUNCTION_ARGS) {
    return pg::entry([&] {
        pg::spi connection;
        barometre::stamp_change(pg::trigger_table(fcinfo));
        return Datum(0);
    });
}

PG_FUNCTION_INFO_V1(barometre_check);
Datum barometre_check(PG_FUNCTION_ARGS) { return connected(fcinfo, check_streams); }

PG_FUNCTION_INFO_V1(barometre_preview);
Datum barometre_preview(PG_FUNCTION_ARGS) { return connected(fcinfo, preview); }

PG_FUNCTION_INFO_V1(barometre_test);
Datum barometre_test(PG_FUNCTION_ARGS) {
    return connected(fcinfo, [](FunctionCallInfo fcinfo) {
        std::vector<pg::row> rows;
        for (const auto &[t, o] : run_tests(pg::text_argument(fcinfo, 0, "*")))
            rows.push_back({t.target, t.name, t.config.severity_name(), o.status,
                            o.status == "skip" || o.status == "error" ? pg::value() : count(o.failures), barometre::format_seconds(o.seconds)});
        pg::return_rows(fcinfo, rows);
    });
}

PG_FUNCTION_INFO_V1(barometre_test_tap);
Datum barometre_test_tap(PG_FUNCTION_ARGS) {
    return connected(fcinfo, [](FunctionCallInfo fcinfo) {
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
