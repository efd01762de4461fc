#include "model/transform/audit.h"
#include "audit/data_test.h"
#include "audit/source_age.h"
#include "core/error.h"
#include "core/text/text.h"
#include "model/transform/removals.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

namespace barometre::model::transform {

namespace {

/// What was built, the views that show it, and the ephemeral models that are in it.
std::set<std::string> nodes_to_test(const work &w, const built &b) {
    std::set<std::string> nodes;
    for (const relation::candidate &c : b.candidates)
        nodes.insert(c.node);
    for (const relation::candidate &c : b.candidates) // what others write is tested where it is read
        for (const std::string &input : w.what.nodes.parents(c.node))
            if (w.p.find_source(input))
                nodes.insert(input);
    for (const std::string &name : w.what.nodes.order()) // views show what was built, whether they are selected or not
        if (const project::model *v = w.p.find_model(name);
            v && v->is(project::materialization::view) && b.there.count(name))
            for (const std::string &input : w.what.nodes.parents(name))
                if (nodes.count(input))
                    nodes.insert(name);
    const auto order = w.what.all.order();
    for (auto name = order.rbegin(); name != order.rend(); ++name) // ephemeral models are in those who read them
        if (const project::model *e = w.p.find_model(*name); e && e->is(project::materialization::ephemeral))
            for (const std::string &reader : w.what.all.children(*name))
                if (nodes.count(reader))
                    nodes.insert(*name);
    return nodes;
}

/// How old the sources are that the models of the call read. Those of models that need not be built, too: what nobody
/// writes any more makes nothing stale.
void measure_sources(work &w) {
    const auto sources = audit::measurable(w.p, [&](const std::string &node) {
        const std::set<std::string> &readers = w.what.nodes.children(node);
        return std::any_of(readers.begin(), readers.end(),
                           [&](const std::string &reader) { return w.what.models.count(reader) > 0; });
    });
    audit::measure_ages(sources, w.memory, [&](std::size_t, const std::string &node) { w.show_progress(node); });
}

/// The SQL that reads what was built; the private views that it needs live on, unless one of them is wrong.
std::string resolve(workshop &shop, const std::string &sql) {
    const std::size_t mark = shop.mark();
    std::string resolved;
    try {
        pg::in_subtransaction([&] { resolved = shop.resolve(sql); });
    } catch (...) {
        shop.undone(mark);
        throw;
    }
    return resolved;
}

std::string found_by(const audit::data_test &t, const audit::outcome &o) {
    return "test " + t.name + " of " + t.target +
           (o.status == "error" ? " could not be run: " + o.message
                                : ": " + (o.message.empty() ? audit::counted(t, o.failures) : o.message));
}

/// The data tests that read what was built, and the guards of its publication, with what they found.
struct all_tests {
    std::vector<audit::data_test> tests;
    std::vector<audit::outcome> outcomes;
    std::size_t guards = 0; ///< the last ones
};

all_tests run_all(work &w, const built &b) {
    const audit::reading private_relations{[&](const std::string &sql) { return resolve(w.shop, sql); },
                                           [&](const std::string &node) { return is_there(w, b.omitted, node); }};
    all_tests out;
    out.tests = audit::tests_of(w.p, nodes_to_test(w, b), private_relations);
    out.outcomes = audit::run_tests(w.p, out.tests, private_relations, w.memory);
    for (const relation::candidate &c : b.candidates)
        if (is_guarded(c)) {
            removal_guard guard = guard_removals(c, w.shop, w.p.test_samples, w.memory);
            out.tests.push_back(std::move(guard.test));
            out.outcomes.push_back(std::move(guard.found));
            ++out.guards;
        }
    return out;
}

/// Whether what the test reads must not be published.
bool forbids(const audit::data_test &t, const audit::outcome &o) {
    return o.bad() && (o.status != "error" || t.config.severity != project::severity::warn);
}

} // namespace

audited audit(work &w, const built &b) {
    audited out;
    out.omitted = b.omitted;
    measure_sources(w);
    if (b.candidates.empty())
        return out;
    w.show_progress("tests");
    const std::string run_id = std::to_string(w.memory.id());
    const auto [tests, outcomes, guards] = run_all(w, b);
    out.tests = static_cast<std::int64_t>(tests.size());
    out.skipped = audit::note_skipped(outcomes);
    std::string failing;
    std::vector<std::string> names; // of the first three
    std::size_t bad = 0, guarded = 0;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const audit::data_test &t = tests[i];
        const audit::outcome &o = outcomes[i];
        if (o.status == "pass")
            continue;
        w.tests.push_back(audit::step_of(t, o));
        if (o.status == "skip")
            continue;
        const std::string what = found_by(t, o);
        const bool is_guard = i >= tests.size() - guards;
        pg::warning(what, "SELECT sample FROM barometre.test_result WHERE run = " + run_id +
                              " AND target = " + pg::quote_literal(t.target) + ";" +
                              (is_guard ? "  To let them go, set  max_deletes: 100%  of the model." : ""));
        if (!forbids(t, o))
            continue;
        text::append(failing, what, "; ");
        guarded += is_guard ? 1 : 0;
        if (++bad <= 3)
            names.push_back(t.name + " of " + t.target);
        if (w.how.skip_failures)
            for (const std::string &node : t.reads)
                leave_out(w, b.candidates, out.omitted, node, what);
    }
    if (!failing.empty() && !w.how.skip_failures)
        throw error(sqlstate::test_failed,
                    "a test failed, and nothing was published: " + text::join(names) +
                        (bad > names.size() ? ", ..." : ""),
                    text::sentence("Failing: " + failing),
                    "SELECT target, test, sample FROM barometre.test_result WHERE run = " + run_id +
                        " AND status IN ('fail', 'error'); shows rows. Correct the data or the model" +
                        (guarded < bad ? ", or give the test severity: warn" : "") +
                        (guarded > 0 ? ", or let rows go with  max_deletes: 100%  in the model" : "") + ".");
    return out;
}

} // namespace barometre::model::transform
