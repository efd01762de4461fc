#include "call/calls.h"
#include "audit/last_result.h"
#include "audit/source_age.h"
#include "core/graph/selection.h"
#include "core/name/nearest.h"
#include "core/project/dependencies.h"
#include "model/functions.h"
#include "model/seed.h"
#include "model/staleness.h"
#include "model/transform/hooks.h"
#include "model/transform/notices.h"
#include "model/transform/removals.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "registry/blocked.h"

#include <set>

namespace barometre::call {

bool skips_failures(const std::string &on_failure) {
    if (on_failure != "stop" && on_failure != "skip" && on_failure != "continue")
        throw error("22023", "on_failure can't be \"" + on_failure + "\"", "", "Valid values are stop and skip.");
    return on_failure != "stop";
}

std::vector<tap::forgotten_part> forget(const registry::loaded_project &loaded, const std::string &tap,
                                        const std::string &stream, const std::string &file, bool is_trial) {
    std::vector<tap::forgotten_part> out;
    const auto each = [&](std::int64_t run, const std::function<void(const run::step &)> &keep) {
        for (const project::stream *s : tap::streams_of_file(loaded.definition, tap, stream, file)) {
            tap::forgetting done = tap::forget(*s, file, run);
            std::move(done.parts.begin(), done.parts.end(), std::back_inserter(out));
            keep(done.done);
        }
    };
    if (is_trial)
        as_owner(loaded, [&] { pg::rolled_back([&] { each(0, [](const run::step &) {}); }); });
    else
        make(transactions::current(), loaded,
             {.kind = "forget",
              .name = stream.empty()                  ? tap
                      : stream.starts_with(tap + ".") ? stream
                                                      : tap + "." + stream},
             [&](run::record &memory) { each(memory.id(), [&](const run::step &step) { memory.add(step); }); });
    return out;
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

std::vector<run::step> transform(transactions how, const registry::loaded_project &loaded,
                                 const model::transform::options &options) {
    namespace stage = model::transform;
    const project::project &p = loaded.definition;
    stage::selected what;
    const auto select = [&] { as_owner(loaded, [&] { what = stage::select(p, options); }); };
    if (how.are_own())
        pg::in_subtransaction(select); // so that who called can go on after an error
    else
        select();
    return make(how, loaded,
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
                    std::vector<run::step> failed;
                    for (const auto &[node, step] : at_work.steps)
                        if (step.status == "failed")
                            failed.push_back(step);
                    return failed;
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

/// Unit tests take the rows of seeds from their tables.
void tell_stale_seeds(const project::project &p, const std::vector<audit::data_test> &tests) {
    std::set<std::string> seeds;
    for (const audit::data_test &t : tests)
        if (t.is_unit)
            seeds.insert(t.reads.begin(), t.reads.end());
    if (seeds.empty())
        return;
    const model::build_records builds = model::read_loads_of_seeds();
    const auto there = model::find_seeds(p);
    for (const std::string &name : seeds) {
        const project::seed *s = p.find_seed(name);
        const auto file = s ? model::find_seed_file(p, *s) : std::nullopt;
        if (file && there.count(name) && !model::reason_to_load(*s, file->hash, builds, there).empty())
            pg::warning("seed \"" + name + "\" changed since it was loaded, and unit tests read it as it is loaded",
                        "SELECT * FROM baro_seed();");
    }
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
        tell_stale_seeds(p, tests);
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
        for (tested &guard : last_guards(p, selected)) // it is kept with the run that found it
            results.push_back(std::move(guard));
        return results;
    });
}

} // namespace barometre::call
