#include "model/transform/build.h"
#include "core/error.h"
#include "core/text/text.h"
#include "model/functions.h"
#include "model/relation/attributes.h"
#include "model/relation/target.h"
#include "model/seed.h"
#include "model/staleness.h"
#include "model/transform/ahead.h"
#include "model/transform/build_model.h"
#include "model/transform/hooks.h"
#include "model/transform/notices.h"
#include "model/transform/seed.h"
#include "model/transform/unit_tests.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/compile.h"
#include "registry/spreading.h"
#include "run/record.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace barometre::model::transform {

namespace {

run::step step_of(const std::string &kind, const std::string &name, const std::string &status, const std::string &why) {
    run::step out;
    out.kind = kind;
    out.name = name;
    out.status = status;
    out.why = why;
    return out;
}

/// A step that failed, and why; the node is left out where others go on.
void note_failure(work &w, built &b, const std::string &kind, const std::string &name, const std::string &reason,
                  const error &e) {
    run::step step = step_of(kind, name, "failed", reason);
    step.sqlstate = e.sqlstate;
    step.message = e.message;
    w.steps[name] = std::move(step);
    if (w.is_fatal(e))
        return;
    b.omitted.failed.insert(name);
    b.omitted.why[name] = "failed";
    pg::warning(e.message, e.hint, e.detail);
}

/// Says whose error it is: a job and the server's log have nothing else of the call.
void name_culprit(error &e, const std::string &kind, const std::string &name) {
    if (!e.is_intervention() && e.message.find('"' + name + '"') == std::string::npos)
        e.message = kind + " \"" + name + "\": " + e.message;
}

/// Takes a new version among what was built.
void keep(work &w, built &b, relation::candidate c) {
    if (c.changes())
        b.changed.insert(c.node);
    pg::notice(told(c));
    w.steps[c.node] = c.done;
    b.candidates.push_back(std::move(c));
}

void keep_seed(work &w, built &b, const project::seed &seed, const build_record &known) {
    try {
        w.attempt([&] { keep_unchanged_seed(seed, known); });
    } catch (error &e) {
        note_failure(w, b, "seed", seed.name, "its grants or descriptions changed", e);
        if (w.is_fatal(e)) {
            name_culprit(e, "seed", seed.name);
            throw;
        }
    }
}

void load_seeds(work &w, built &b) {
    for (const std::string &name : w.what.seeds) {
        const project::seed &seed = *w.p.find_seed(name);
        const work::subject about(w, name);
        w.begin(name);
        const auto file = find_seed_file(w.p, seed);
        const auto known = b.known.find({"seed", name});
        if (!file)
            continue;
        const std::string reason = reason_to_load(seed, file->hash, b.known, b.there);
        if (!w.how.full_refresh && reason.empty()) {
            keep_seed(w, b, seed, known->second); // another call was faster, or it is no matter of its rows
            continue;
        }
        relation::candidate c;
        const std::size_t mark = w.shop.mark();
        try {
            w.attempt([&] { c = build_seed(w.p, seed, *file, w.shop); });
        } catch (error &e) {
            w.shop.undone(mark);
            if (w.is_fatal(e)) {
                name_culprit(e, "seed", name);
                throw;
            }
            note_failure(w, b, "seed", name, "", e);
            continue;
        }
        c.done.why = reason.empty() ? "full refresh" : reason;
        if (known != b.known.end())
            c.record.has = known->second.has;
        if (!c.changes())
            w.shop.give_back(name);
        keep(w, b, std::move(c));
    }
}

/// Empty: it need not be built.
std::string reason_to_build(work &w, const built &b, const project::model &m) {
    const staleness own = judge(w.p, m, b.known, b.there);
    if (!own.reason.empty())
        return own.reason;
    const bool refreshes = w.how.full_refresh && m.full_refresh.value_or(true); // a model may be excluded
    if (m.is(project::materialization::view)) {                                 // it shows what its inputs hold
        const std::string text = w.shop.compared(m, false), sql = w.shop.resolve(text);
        if (!b.changed.empty() && !fits_columns(m, sql))
            return "the columns of what it reads changed";
        if (!b.changed.empty() && b.known.at({"model", m.name}).query != query_hash(m, [&](bool) { return text; }))
            return "its template asks for what changed"; // for the columns of a relation
        return refreshes ? "full refresh" : "";
    }
    // Through views of the project, but not through tables: those are built themselves.
    std::set<std::string> open = w.what.nodes.parents(m.name), seen;
    std::erase_if(open, [&](const std::string &input) { return !w.what.nodes.is_read(input, m.name); });
    while (!open.empty() && !b.changed.empty()) {
        const std::string input = *open.begin();
        open.erase(open.begin());
        if (b.changed.count(input))
            return input + " changed";
        const project::model *v = w.p.find_model(input);
        if (v && v->is(project::materialization::view) && seen.insert(input).second)
            open.insert(w.what.nodes.parents(input).begin(), w.what.nodes.parents(input).end());
    }
    return refreshes ? "full refresh" : "";
}

auto missing_for(const work &w, const built &b, const project::model &m) {
    // What was there when the call began to build is not asked for each model that reads it.
    return missing_input(w.p, w.what.nodes, m.name, [&](const std::string &node) {
        return b.there.count(node) ? !b.omitted.has(node) : is_there(w, b.omitted, node);
    });
}

/// Leaves a model out if it can't be built because an input is missing. Throws where it was published from it before.
bool lacks_input(work &w, built &b, const project::model &m) {
    const auto missing = missing_for(w, b, m);
    if (!missing)
        return false;
    const auto &[input, reason] = *missing;
    const bool behind = b.omitted.has(input);
    const std::string model = m.kind() + " " + text::quoted(m.name);
    const std::string why =
        behind ? registry::kind_of(w.p, input) + " " + text::quoted(input) + " was not built" : reason;
    if (!behind && b.there.count(m.name) && registry::kind_of(w.p, input) != "source") // that is others' to make
        throw error(sqlstate::not_ready, model + " can't be built again: " + why,
                    "It was published before, from inputs that are now missing.", cure(w.p, input));
    pg::warning(model + " is skipped: " + why, behind ? "" : cure(w.p, input));
    w.steps[m.name] = step_of(m.kind(), m.name, "skipped", why);
    b.omitted.why[m.name] = why;
    return true;
}

void build_stale(work &w, built &b, input_reader &inputs, rows_ahead &ahead, const project::model &m,
                 const std::string &reason) {
    const std::size_t mark = w.shop.mark();
    const auto elsewhere = [&](const relation::candidate &c, const std::string &sql) { return ahead.of(c, sql); };
    try {
        relation::candidate c;
        w.attempt([&] {
            c = build_model({w.p, w.what.nodes, w.shop, w.how.full_refresh, true, elsewhere}, b, inputs, m);
        });
        c.done.why = reason;
        keep(w, b, std::move(c));
    } catch (error &e) {
        w.shop.undone(mark);
        ahead.undone(m.name);
        note_failure(w, b, m.kind(), m.name, reason, e);
        if (w.is_fatal(e)) {
            name_culprit(e, m.kind(), m.name);
            throw;
        }
    }
}

/// Gives a model that need not be built what the project gives it beside its rows now.
void keep_unchanged(work &w, built &b, const project::model &m) {
    const build_record &known = b.known.at({"model", m.name});
    if (m.spread.is_said())
        registry::keep_spread(m.kind() + " " + text::quoted(m.name), m.spread, m.schema, m.relation());
    if (const attributes wanted = relation::attributes_of(m); known.has != wanted)
        try {
            w.attempt([&] {
                relation::apply_attributes(m, relation::published_kind(m), known.has);
                write_attributes("model", m.name, wanted);
            });
        } catch (error &e) {
            note_failure(w, b, m.kind(), m.name, "its indexes, grants or descriptions changed", e);
            if (w.is_fatal(e)) {
                name_culprit(e, m.kind(), m.name);
                throw;
            }
            return;
        }
    ++b.unchanged;
    run::step step = step_of(m.kind(), m.name, "unchanged", "");
    step.records = step.unchanged = std::max<std::int64_t>(known.rows, 0);
    w.steps[m.name] = std::move(step);
    pg::notice((m.is(project::materialization::view) ? "view" : m.kind()) + " " + m.name + ": unchanged");
}

/// Whether anything is stale, before anything is built.
bool builds_something(work &w, const built &b) {
    return !w.what.seeds.empty() || std::any_of(w.what.models.begin(), w.what.models.end(), [&](const auto &name) {
        return !reason_to_build(w, b, *w.p.find_model(name)).empty();
    });
}

/// Throws where the project spreads tables that can't be spread here.
void check_distributions(const work &w) {
    for (const std::string &name : w.what.seeds)
        registry::check_distribution("seed " + text::quoted(name), w.p.find_seed(name)->spread);
    for (const std::string &name : w.what.models) {
        const project::model &m = *w.p.find_model(name);
        registry::check_distribution(m.kind() + " " + text::quoted(name), m.spread);
    }
}

/// What can't be used was told when it was selected.
void leave_out_blocked(work &w, built &b) {
    for (const std::string &name : w.what.blocked) {
        const project::blocked_node &node = *w.p.find_blocked(name);
        w.steps[name] = step_of(node.kind, name, "skipped", node.why);
        b.omitted.why[name] = node.why;
    }
}

void build_in_turn(work &w, built &b, input_reader &inputs, rows_ahead &ahead, const project::model &m) {
    const work::subject about(w, m.name);
    w.begin(m.name);
    if (lacks_input(w, b, m))
        return;
    const std::string reason = reason_to_build(w, b, m);
    if (reason.empty())
        keep_unchanged(w, b, m);
    else if (passes_unit_tests(w, b, m))
        build_stale(w, b, inputs, ahead, m, reason);
}

void build_models(work &w, built &b) {
    input_reader inputs;
    rows_ahead ahead(
        w, b, [&](const project::model &m) { return !missing_for(w, b, m) && !reason_to_build(w, b, m).empty(); });
    std::set<std::string> left = w.what.models;
    const auto take_turn = [&](const std::string &name) {
        if (!left.erase(name))
            return;
        build_in_turn(w, b, inputs, ahead, *w.p.find_model(name));
        ahead.over(name);
    };
    for (const std::string &name : w.what.nodes.order()) {
        take_turn(name);
        for (const std::string &waiting : ahead.waiting_models())
            take_turn(waiting);
    }
}

} // namespace

built build(work &w) {
    check_distributions(w);
    built b;
    b.snapshot = pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0);
    const bool makes_functions = must_make_functions(w.p, w.how.full_refresh);
    if (makes_functions)
        in_a_hook([&] { make_functions(w.p, true); });
    b.known = read_builds();
    b.there = find_nodes(w.p);
    leave_out_blocked(w, b);
    if (!makes_functions && has_start_statements(w.p) && builds_something(w, b))
        in_a_hook([&] { run_start_statements(w.p); });
    load_seeds(w, b);
    build_models(w, b);
    return b;
}

} // namespace barometre::model::transform
