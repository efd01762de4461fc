#include "call/calls.h"
#include "audit/last_result.h"
#include "audit/source_age.h"
#include "core/graph/selection.h"
#include "core/name/nearest.h"
#include "core/project/dependencies.h"
#include "core/text/text.h"
#include "model/functions.h"
#include "model/transform/hooks.h"
#include "model/transform/notices.h"
#include "model/transform/removals.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "registry/blocked.h"
#include "tap/choose.h"
#include "tap/load_stream.h"
#include "tap/shared_load.h"
#include "tap/unfit_files.h"

#include <set>

namespace barometre::call {

namespace {

std::string told(const run::step &done, const run::record &memory) {
    auto more = [](std::int64_t n, const char *what) {
        return n ? ", " + text::format_count(n) + what : std::string();
    };
    std::string out =
        done.name + ": " + std::to_string(done.read) + " of " + std::to_string(done.files) + " files read, " +
        text::format_count(done.records) + " records: " + text::format_count(done.inserted) + " inserted, " +
        text::format_count(done.updated) + " updated, " + text::format_count(done.unchanged) + " unchanged";
    if (done.rejected)
        out += ", " + text::format_count(done.rejected) +
               " rejected (SELECT * FROM barometre.reject WHERE run = " + std::to_string(memory.id()) + ")";
    return out + more(done.superseded, " superseded") +
           (done.deleted ? "; " + text::format_count(done.deleted) + " rows deleted" : "");
}

/// Loads one stream by `work`, and keeps in `memory` what it did, also when it fails.
run::step load_one(const project::stream &s, run::record &memory, const std::function<run::step()> &work) {
    const pg::heard_warnings heard;
    run::step done;
    try {
        done = work();
    } catch (error &e) {
        done.kind = "stream";
        done.name = s.tap + "." + s.name;
        // A cancel is not the stream's doing.
        if (!e.is_intervention() && e.message.find('"' + done.name + '"') == std::string::npos)
            e.message = "stream \"" + done.name + "\": " + e.message;
        done.status = "failed";
        done.sqlstate = e.sqlstate;
        done.message = e.message;
        done.warnings = heard.all();
        memory.add(done);
        throw;
    }
    done.warnings = heard.all();
    memory.add(done);
    pg::notice(told(done, memory));
    return done;
}

void load_streams(const tap::chosen &of, bool full_refresh, run::record &memory, std::size_t before, std::size_t all,
                  std::vector<run::step> &to) {
    for (std::size_t i = 0; i < of.streams.size(); ++i) {
        const project::stream &s = *of.streams[i];
        pg::show_progress("baro_run", before + i + 1, all, s.tap + "." + s.name);
        try {
            to.push_back(load_one(s, memory, [&] { return tap::load_stream(s, full_refresh, memory); }));
        } catch (tap::unfit_files &e) {
            for (std::size_t later = i + 1; later < of.streams.size(); ++later)
                e.look_at(*of.streams[later]);
            throw;
        }
    }
}

/// All streams of a tap whose files they share.
void load_shared(const project::tap &tap, bool full_refresh, run::record &memory, std::size_t before, std::size_t all,
                 std::vector<run::step> &to) {
    const tap::purpose why{.run = memory.id(), .full_refresh = full_refresh};
    pg::show_progress("baro_run", before + 1, all, tap.name);
    const tap::shared_load whole(tap, why);
    for (const tap::stream_part &part : whole.parts()) {
        pg::show_progress("baro_run", before + 1, all, tap.name + "." + part.stream.name);
        to.push_back(load_one(part.stream, memory, [&] { return whole.load(part, memory); }));
    }
}

} // namespace

std::vector<run::step> load(transactions how, const registry::loaded_project &loaded, const std::string &tap,
                            const std::optional<std::vector<std::string>> &names, bool full_refresh) {
    const std::vector<tap::chosen> chosen = tap::choose(loaded.definition, tap, names);
    for (const tap::chosen &c : chosen)
        if (c.is_part && c.tap->shares_files())
            throw error("22023", "the streams of tap \"" + c.tap->name + "\" are loaded together",
                        "One file holds records of all of them.", "SELECT * FROM baro_run('" + c.tap->name + "');");
    return make(how, loaded, {.kind = "run", .name = tap.empty() ? "*" : tap}, [&](run::record &memory) {
        std::vector<run::step> streams;
        const auto weight = [](const tap::chosen &c) { return c.tap->shares_files() ? 1 : c.streams.size(); };
        std::size_t before = 0, all = 0;
        for (const tap::chosen &c : chosen)
            all += weight(c);
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            try {
                if (chosen[i].tap->shares_files())
                    load_shared(*chosen[i].tap, full_refresh, memory, before, all, streams);
                else
                    load_streams(chosen[i], full_refresh, memory, before, all, streams);
                before += weight(chosen[i]);
            } catch (tap::unfit_files &e) {
                for (std::size_t later = i + 1; later < chosen.size(); ++later)
                    e.look_at(chosen[later]);
                throw;
            }
        }
        return streams;
    });
}

std::vector<seeded> seed(transactions how, const registry::loaded_project &loaded,
                         const std::optional<std::vector<std::string>> &names) {
    const project::project &p = loaded.definition;
    registry::require_models(p);
    std::vector<std::string> known;
    for (const project::seed &s : p.seeds)
        known.push_back(s.name);
    if (names)
        for (const std::string &name : *names) {
            registry::refuse_blocked(p, name);
            if (p.find_seed(name))
                continue;
            if (const project::seed *off = p.find_disabled_seed(name))
                throw error(sqlstate::unknown_name, "seed \"" + name + "\" is disabled",
                            "It is disabled in " + off->where("enabled").text() + ".");
            throw name::unknown("seed", name, known);
        }
    std::set<std::string> blocked;
    for (const project::blocked_node &b : p.blocked)
        if (b.kind == "seed")
            blocked.insert(b.name);
    registry::tell_blocked(p, blocked);
    return make(how, loaded, {.kind = "seed", .name = "*"}, [&](run::record &memory) {
        std::vector<const project::seed *> chosen;
        const std::vector<std::string> &given = names ? *names : known;
        const std::set<std::string> wanted(given.begin(), given.end());
        for (const project::seed &s : p.seeds)
            if (wanted.count(s.name))
                chosen.push_back(&s);
        auto seeds = model::transform::load_seeds(p, chosen, [&](std::size_t number, const project::seed &s) {
            pg::show_progress("baro_seed", number, chosen.size(), s.name);
        });
        for (const model::transform::loaded_seed &s : seeds)
            memory.add(s.done);
        return seeds;
    });
}

void transform(transactions how, const registry::loaded_project &loaded, const model::transform::options &options) {
    namespace stage = model::transform;
    const project::project &p = loaded.definition;
    stage::selected what;
    const auto select = [&] { as_owner(loaded, [&] { what = stage::select(p, options); }); };
    if (how.are_own())
        pg::in_subtransaction(select); // so that who called can go on after an error
    else
        select();
    make(how, loaded,
         {.kind = "transform",
          .name = options.selection,
          .one_snapshot = true,
          .undone = "not published, because the run failed"},
         [&](run::record &memory) {
             pg::point("transform.selected");
             stage::lock(what);
             pg::point("transform.locked");
             stage::work at_work(p, options, what,
                                 memory); // keeps the steps in `memory`, also when one of the stages fails
             const stage::built built = stage::build(at_work);
             pg::point("transform.built");
             const stage::audited audited = stage::audit(at_work, built);
             pg::point("transform.audited");
             const stage::published published = stage::publish(at_work, built, audited);
             pg::point("transform.published");
             if (!published.candidates.empty())
                 stage::run_end_hooks(p, at_work.steps);
             pg::notice(stage::summary(built, audited, published));
         });
}

namespace {

/// What the last build of models that say max_deletes found: a guard of publication, which has nothing to look at by
/// itself.
std::vector<tested> last_guards(const project::project &p, const std::set<std::string> &selected) {
    std::vector<std::pair<std::string, std::string>> guarded;
    for (const project::model &m : p.models)
        if (m.max_deletes && selected.count(m.name))
            guarded.emplace_back(m.name, model::transform::removal_test);
    std::vector<tested> out;
    for (const auto &[guard, last] :
         guarded.empty() ? decltype(audit::last_results({}))() : audit::last_results(guarded)) {
        tested one;
        one.test.target = one.test.node = guard.first;
        one.test.name = guard.second;
        one.outcome.status = last.status;
        one.outcome.failures = last.failures ? std::stoll(*last.failures) : 0;
        one.outcome.message = last.message;
        out.push_back(std::move(one));
    }
    return out;
}

} // namespace

std::vector<tested> test(transactions how, const registry::loaded_project &loaded, const std::string &selection) {
    const project::project &p = loaded.definition;
    registry::require_models(p);
    return make(how, loaded, {.kind = "test", .name = selection}, [&](run::record &memory) {
        if (model::functions_changed(p)) {
            pg::lock_name("functions of project", p.name);
            model::make_functions(p);
        }
        const auto tests = audit::select_tests(p, selection);
        const std::set<std::string> selected =
            graph::select_nodes(project::dependencies_with_all_tests(p), project::traits_of(p), selection);
        registry::tell_blocked(p, selected);
        const auto sources = audit::measurable(p, [&](const std::string &node) { return selected.count(node) > 0; });
        const std::size_t all = sources.size() + tests.size();
        audit::measure_ages(sources, memory, [&](std::size_t done, const std::string &node) {
            pg::show_progress("baro_test", done + 1, all, node);
        });
        const auto outcomes = audit::run_tests(
            p, tests, audit::published(p), memory, [&](std::size_t done, const audit::data_test &next) {
                pg::show_progress("baro_test", sources.size() + done + 1, all, next.target);
            });
        audit::note_skipped(outcomes);
        std::vector<tested> results;
        for (std::size_t i = 0; i < tests.size(); ++i) {
            memory.add(audit::step_of(tests[i], outcomes[i]));
            results.push_back({tests[i], outcomes[i]});
        }
        for (tested &guard : last_guards(p, selected)) {
            memory.add(audit::step_of(guard.test, guard.outcome));
            results.push_back(std::move(guard));
        }
        return results;
    });
}

} // namespace barometre::call
