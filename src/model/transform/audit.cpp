#include "model/transform/audit.h"
#include "audit/data_test.h"
#include "audit/source_age.h"
#include "model/transform/removals.h"
#include "model/transform/verdict.h"

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

/// The data tests that read what was built, and the guards of its publication, with what they found.
std::pair<std::vector<audit::data_test>, std::vector<audit::outcome>> run_all(work &w, const built &b) {
    const audit::reading private_relations = private_reading(w, b.omitted);
    std::vector<audit::data_test> tests = audit::tests_of(w.p, nodes_to_test(w, b), private_relations);
    std::vector<audit::outcome> outcomes = audit::run_tests(w.p, tests, private_relations, w.memory);
    for (const relation::candidate &c : b.candidates)
        if (is_guarded(c)) {
            removal_guard guard = guard_removals(c, w.shop, w.p.test_samples, w.memory);
            tests.push_back(std::move(guard.test));
            outcomes.push_back(std::move(guard.found));
        }
    return {std::move(tests), std::move(outcomes)};
}

} // namespace

audited audit(work &w, const built &b) {
    audited out;
    out.omitted = b.omitted;
    out.tests = b.unit_tests;
    out.skipped = b.unit_tests_skipped;
    measure_sources(w);
    if (b.candidates.empty())
        return out;
    w.show_progress("tests");
    const auto [tests, outcomes] = run_all(w, b);
    out.tests += static_cast<std::int64_t>(tests.size());
    out.skipped += audit::note_skipped(outcomes);
    verdict found(w);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        std::string what;
        if (found.hear(tests[i], outcomes[i], what) && w.how.skip_failures)
            for (const std::string &node : tests[i].reads)
                leave_out(w, b.candidates, out.omitted, node, what);
    }
    if (found.forbids() && !w.how.skip_failures)
        found.fail();
    return out;
}

} // namespace barometre::model::transform
