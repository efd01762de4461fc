#include "model/transform/unit_tests.h"
#include "audit/unit_test.h"
#include "model/transform/verdict.h"

#include <algorithm>

namespace barometre::model::transform {

namespace {

/// The model, and the ephemeral ones whose SQL is in its own.
std::set<std::string> models_in(const work &w, const std::string &model) {
    std::set<std::string> out{model}, open{model};
    while (!open.empty()) {
        const std::string at = *open.begin();
        open.erase(open.begin());
        for (const std::string &input : w.what.all.parents(at))
            if (const project::model *e = w.p.find_model(input);
                e && e->is(project::materialization::ephemeral) && out.insert(input).second)
                open.insert(input);
    }
    return out;
}

} // namespace

bool passes_unit_tests(work &w, built &b, const project::model &m) {
    std::set<std::string> models = models_in(w, m.name);
    std::string why;
    for (const std::string &one : models)
        if (const auto known = b.unit_tested.find(one); known != b.unit_tested.end() && !known->second.empty())
            why = known->second; // an ephemeral model's
    std::erase_if(models, [&](const std::string &one) { return b.unit_tested.count(one) > 0; });
    const std::vector<audit::data_test> tests = audit::unit_tests_of(w.p, models);
    for (const std::string &one : models)
        b.unit_tested[one];
    const auto outcomes = audit::run_tests(w.p, tests, private_reading(w, b.omitted), w.memory);
    b.unit_tests += static_cast<std::int64_t>(tests.size());
    b.unit_tests_skipped += audit::note_skipped(outcomes);
    verdict found(w);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        std::string what;
        if (found.hear(tests[i], outcomes[i], what))
            b.unit_tested[tests[i].target] = why = what;
    }
    if (why.empty())
        return true;
    run::step step;
    step.kind = m.kind();
    step.name = m.name;
    step.status = "failed";
    step.why = why;
    w.steps[m.name] = std::move(step);
    if (!w.how.skip_failures)
        found.fail();
    b.omitted.failed.insert(m.name);
    b.omitted.why[m.name] = why;
    return false;
}

} // namespace barometre::model::transform
