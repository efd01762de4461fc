#include "job/calls.h"
#include "core/name/column_name.h"
#include "model/functions.h"
#include "pg/cancels.h"
#include "pg/locks.h"
#include "pg/settings.h"
#include "tap/load_stream.h"

#include <algorithm>

namespace barometre::job {

namespace {

std::string told(const step &done, const run &memory) {
    auto more = [](std::int64_t n, const char *what) { return n ? ", " + format_count(n) + what : std::string(); };
    std::string out = done.name + ": " + std::to_string(done.read) + " of " + std::to_string(done.files) + " files read, " + format_count(done.records) +
                      " records: " + format_count(done.inserted) + " inserted, " + format_count(done.updated) + " updated, " + format_count(done.unchanged) + " unchanged";
    if (done.rejected)
        out += ", " + format_count(done.rejected) + " rejected (SELECT * FROM barometre.reject WHERE run = " + std::to_string(memory.id()) + ")";
    return out + more(done.superseded, " superseded") + (done.deleted ? "; " + format_count(done.deleted) + " rows deleted" : "");
}

/// Loads one stream, and keeps in `memory` what it did, also when it fails.
step load_one(const project::stream &s, bool full_refresh, run &memory) {
    step done;
    try {
        done = tap::load_stream(s, full_refresh, memory);
    } catch (error &e) {
        done.kind = "stream";
        done.name = s.tap + "." + s.name;
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
    pg::notice(told(done, memory));
    return done;
}

} // namespace

error unknown(const std::string &what, const std::string &name, const std::vector<std::string> &known) {
    const std::string near = nearest_name(name, known);
    std::string list;
    for (const std::string &k : known)
        list += (list.empty() ? "" : ", ") + k;
    return error(sqlstate::unknown_name, "there is no " + what + " \"" + name + "\" in the project", "",
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

call load(const loaded_project &loaded, const std::string &tap, const std::optional<std::vector<std::string>> &names, bool full_refresh,
          std::vector<step> &streams) {
    const auto chosen = chosen_streams(loaded.definition, tap, names);
    return {"run", tap.empty() ? "*" : tap, [=, &streams](run &memory) {
                for (const project::stream *s : chosen) {
                    pg::show_progress("baro_run", streams.size() + 1, chosen.size(), s->tap + "." + s->name);
                    streams.push_back(load_one(*s, full_refresh, memory));
                }
            }};
}

call seed(const loaded_project &loaded, const std::optional<std::vector<std::string>> &names, seeded &seeds) {
    const project::project &p = loaded.definition;
    std::vector<std::string> known;
    for (const project::seed &s : p.seeds)
        known.push_back(s.name);
    if (names)
        for (const std::string &name : *names)
            if (!p.find_seed(name))
                throw unknown("seed", name, known);
    return {"seed", "*", [&p, names, &seeds](run &memory) {
                for (const project::seed &s : p.seeds) {
                    if (names && std::find(names->begin(), names->end(), s.name) == names->end())
                        continue;
                    pg::show_progress("baro_seed", seeds.size() + 1, names ? names->size() : p.seeds.size(), s.name);
                    step done;
                    const model::seed_state state = model::load_seed(p, s, done);
                    memory.add(done);
                    seeds.emplace_back(state, done);
                }
            }};
}

call transform(const loaded_project &loaded, const model::transform_options &options) {
    std::shared_ptr<model::transformation> work;
    as_owner(loaded, [&] { work = std::make_shared<model::transformation>(loaded.definition, options); });
    call c{"transform", options.selection, [work](run &memory) {
               work->lock();
               work->run(memory);
           }};
    c.one_snapshot = true;
    c.undone = "not published, because the run failed";
    return c;
}

call test(const loaded_project &loaded, const std::string &selection, tested &results) {
    const project::project &p = loaded.definition;
    return {"test", selection, [&p, selection, &results](run &memory) {
                if (model::functions_changed(p)) {
                    pg::lock_name("functions of project", p.name);
                    model::make_functions(p);
                }
                const auto tests = test::select_tests(p, selection);
                const auto outcomes = test::run_tests(p, tests, test::published(p), memory,
                    [&](std::size_t done, const test::data_test &next) { pg::show_progress("baro_test", done + 1, tests.size(), next.target); });
                for (std::size_t i = 0; i < tests.size(); ++i) {
                    memory.add(test::step_of(tests[i], outcomes[i]));
                    results.emplace_back(tests[i], outcomes[i]);
                }
            }};
}

void within(const loaded_project &loaded, const call &c) {
    run memory(c.kind, c.name);
    try {
        as_owner(loaded, [&] {
            c.work(memory);
            memory.succeed();
        });
    } catch (const error &e) {
        const error failure = named(e);
        memory.fail(failure);
        throw failure;
    }
}

error named(const error &e) {
    if (e.sqlstate == "42501" && e.hint.empty() && e.message.find("security-restricted") != std::string::npos) {
        error restricted = e;
        restricted.hint = "Connect as the role that owns the project, and call it again: for other roles its SQL can do nothing that would go on as they.";
        return restricted;
    }
    if (e.sqlstate != "57014" || !pg::time_limit::reached())
        return e;
    return error(e.sqlstate, "the timeout of its job was over", "",
                 "If it takes that long with good reason, raise timeout in barometre.yml, and run the job again.");
}

namespace {

/// Does `work`; gives what went wrong, with a transaction that is fit for more.
template <class Work> std::optional<error> attempt(pg::spi &connection, Work &&work) {
    try {
        work();
        return std::nullopt;
    } catch (const error &e) {
        error failure = named(e);
        connection.rollback();
        return failure;
    }
}

} // namespace

void committing(pg::spi &connection, const loaded_project &loaded, const call &c) {
    std::optional<run> memory;
    write_and_commit(connection, [&] { memory.emplace(c.kind, c.name, true); });
    const std::optional<error> failure = attempt(connection, [&] {
        pg::check_interrupts();
        if (c.one_snapshot)
            pg::one_snapshot();
        // The server's state after an error is fit for a rollback only once the subtransaction is undone.
        pg::in_subtransaction([&] {
            as_owner(loaded, [&] {
                c.work(*memory);
                pg::script("SET CONSTRAINTS ALL IMMEDIATE"); // what would be wrong at the commit is wrong here
                memory->succeed();
            });
        });
        const pg::held_cancels held;
        connection.commit();
    });
    if (!failure)
        return;
    memory->undo_steps(c.undone);
    const pg::held_cancels held;
    if (const auto lost = attempt(connection, [&] { write_and_commit(connection, [&] { memory->fail(*failure); }); }))
        pg::log_warning("what went wrong in run " + std::to_string(memory->id()) + " could not be written down: " + lost->message);
    throw *failure;
}

} // namespace barometre::job
