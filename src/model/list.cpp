#include "model/list.h"
#include "audit/last_result.h"
#include "core/graph/selection.h"
#include "core/project/dependencies.h"
#include "core/project/unit_test_inputs.h"
#include "model/functions.h"
#include "model/seed.h"
#include "model/staleness.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <cstddef>
#include <optional>
#include <set>

namespace barometre::model {

judging::judging(const project::project &p)
    : p_(p), nodes_(project::dependencies(p)), builds_(read_builds()), there_(find_nodes(p)) {
    if (p.blocks_all)
        pg::warning(p.blocks_all->message, p.blocks_all->hint, p.blocks_all->detail);
    if (!functions_changed(p) || pg::is_read_only())
        return;
    pg::rolled_back([&] { // what the models will be judged by
        make_functions(p);
        builds_ = read_builds();
    });
}

bool judging::keeps_definition(const project::model &m) const {
    const staleness s = judge(p_, m, builds_, there_);
    return s.reason.empty() || s.of_data;
}

const node_state &judging::of(const std::string &node) {
    if (auto known = states_.find(node); known != states_.end())
        return known->second;
    node_state s;
    s.name = node;
    s.kind = registry::kind_of(p_, node);
    if (const project::blocked_node *b = p_.find_blocked(node)) {
        s.state = "blocked";
        s.reason = b->why;
        return states_[node] = s;
    }
    s.materialized = "table";
    if (auto build = builds_.find({p_.find_model(node) ? "model" : s.kind, node});
        build != builds_.end() && there_.count(node)) {
        s.built = build->second.built;
        if (build->second.rows >= 0)
            s.rows = std::to_string(build->second.rows);
    }
    if (const project::model *m = p_.find_model(node))
        judge_model(*m, s);
    else if (const project::seed *seed = p_.find_seed(node))
        judge_seed(*seed, s);
    else if (const project::source_table *source = p_.find_source(node))
        judge_source(*source, s);
    else
        judge_stream(s);
    return states_[node] = s;
}

std::vector<node_state> judging::of_selection(const std::string &selection) {
    const auto selected = graph::select_nodes(nodes_, project::traits_of(p_), selection);
    std::vector<node_state> out;
    for (const std::string &node : nodes_.order())
        if (selected.count(node))
            out.push_back(of(node));
    return out;
}

void judging::judge_model(const project::model &m, node_state &s) {
    s.materialized = project::to_text(m.materialized);
    auto is_there = [&](const std::string &node) {
        const node_state &input = of(node);
        return input.state != "blocked" && (input.kind != "stream" || input.state != "new");
    };
    if (auto missing = missing_input(p_, nodes_, m.name, is_there)) {
        s.state = "blocked";
        s.reason = p_.find_model(missing->first) ? of(missing->first).kind + " \"" + missing->first + "\" is blocked"
                                                 : missing->second;
        return;
    }
    if (m.is(project::materialization::ephemeral)) {
        s.state = "current";
        return;
    }
    const staleness own = judge(p_, m, builds_, there_);
    s.state = own.is_new ? "new" : own.reason.empty() ? "current" : "stale";
    s.reason = own.reason;
    if (s.state != "current" || m.is(project::materialization::view))
        return;
    for (const std::string &input : nodes_.parents(m.name))
        if (const node_state &read = of(input); nodes_.is_read(input, m.name) && reaches_change(read)) {
            s.state = "stale";
            s.reason = "it reads " + input + ", which is " +
                       (read.changes()                ? read.state
                        : read.materialized == "view" ? "a view of what is stale"
                                                      : "made of what is stale");
            return;
        }
}

/// Whether a node's readers see something new once what is stale is built.
bool judging::reaches_change(const node_state &s) {
    if (s.kind == "stream" || s.kind == "source" || s.state == "blocked")
        return false;
    if (s.changes())
        return true;
    if (s.materialized != "view" && s.materialized != "ephemeral")
        return false;
    // Once for each: as many ways may lead through views as 2 to the power of their number.
    if (reaching_.emplace(s.name, false).second)
        for (const std::string &input : nodes_.parents(s.name))
            if (reaches_change(of(input))) {
                reaching_[s.name] = true;
                break;
            }
    return reaching_[s.name];
}

void judging::judge_seed(const project::seed &seed, node_state &s) const {
    const auto file = find_seed_file(p_, seed);
    const bool there = there_.count(seed.name) > 0;
    if (!file) {
        s.state = there ? "current" : "blocked";
        s.reason = "its file is missing";
    } else {
        s.reason = reason_to_load(seed, file->hash, builds_, there_);
        s.state = !there ? "new" : s.reason.empty() ? "current" : "stale";
    }
}

void judging::judge_source(const project::source_table &source, node_state &s) {
    const auto found =
        pg::sql("SELECT c.relkind, nullif(c.reltuples, -1)::bigint FROM pg_catalog.pg_class c JOIN "
                "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                {source.schema, source.identifier});
    if (found.empty()) {
        s.state = "blocked";
        s.reason = "table " + pg::qualified(source.schema, source.identifier) + " does not exist";
        return;
    }
    s.state = "current";
    s.materialized = pg::kind_name(found.text(0, 0).at(0));
    if (const char kind = found.text(0, 0).at(0); kind == 'r' || kind == 'm' || kind == 'p')
        s.rows = found.at(0, 1);
}

void judging::judge_stream(node_state &s) const {
    const std::size_t dot = s.name.find('.');
    auto found = pg::as_extension([&] {
        return pg::sql("SELECT coalesce(b.rows, nullif(c.reltuples, -1)::bigint), date_trunc('second', b.updated_at) "
                       "FROM pg_class c LEFT JOIN barometre.bookmark b ON b.tap = $1 AND b.stream = $2 "
                       "WHERE c.oid = $3::oid",
                       {s.name.substr(0, dot), s.name.substr(dot + 1),
                        there_.count(s.name) ? std::to_string(there_.at(s.name)) : "0"});
    });
    s.state = found.empty() ? "new" : "current";
    if (found.empty()) {
        s.reason = "it was never loaded";
        return;
    }
    s.rows = found.at(0, 0);
    s.built = found.at(0, 1);
}

std::vector<pg::row> rows_of(const std::vector<node_state> &states) {
    std::vector<pg::row> out;
    for (const node_state &s : states)
        out.push_back({s.name, s.kind, s.materialized.empty() ? pg::cell() : pg::cell(s.materialized), s.state,
                       s.reason.empty() ? pg::cell() : pg::cell(s.reason), s.rows, s.built});
    return out;
}

namespace {

/// What a selection selects where it asks for tests; nothing: it doesn't.
std::optional<std::set<std::string>> select_with_tests(const project::project &p, const graph::dag &nodes,
                                                       const std::string &selection) {
    const graph::traits known = project::traits_of(p);
    const auto select = [&] { return graph::select_nodes(project::dependencies_with_all_tests(p), known, selection); };
    for (const char *method : {"resource_type:test", "resource_type:unit_test", "test_type:"})
        if (selection.find(method) != std::string::npos)
            return select();
    try {
        graph::select_nodes(nodes, known, selection);
        return std::nullopt;
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        try {
            return select();
        } catch (const error &also) {
            if (also.is_intervention())
                throw;
        }
        throw;
    }
}

/// How a test is, by its last result.
void judge_test(const audit::last_result &r, const std::string &kind, bool by_count, node_state &s) {
    s.state = r.status;
    s.built = r.tested_at;
    if (r.status == "error" || r.status == "skip") {
        s.reason = r.message;
        return;
    }
    s.rows = r.failures;
    if (r.status != "pass")
        s.reason = kind == "unit_test"
                       ? r.failures.value_or("0") + (r.failures == "1" ? " row differs" : " rows differ")
                   : !by_count         ? "fail_calc is " + r.failures.value_or("0")
                   : r.failures == "1" ? "1 failing row"
                                       : r.failures.value_or("0") + " failing rows";
}

std::vector<node_state> states_of_tests(const project::project &p, const std::set<std::string> &selected) {
    struct one {
        std::pair<std::string, std::string> called; ///< target and name, as results have them
        bool by_count;
        std::string kind = "test";
    };
    std::map<std::string, one> tests; // by node
    for (const project::singular_test &t : p.tests)
        if (selected.count(t.name))
            tests[t.name] = {{t.name, "singular"}, t.config.fail_calc.empty()};
    for (const auto &[t, names] : project::names_of_tests(p))
        if (selected.count(names.node))
            tests[names.node] = {{names.target, names.name}, t->config.fail_calc.empty()};
    for (const auto &[t, node] : project::names_of_unit_tests(p))
        if (selected.count(node))
            tests[node] = {{t->model, t->name}, true, "unit_test"};
    std::vector<std::pair<std::string, std::string>> called;
    for (const auto &[node, test] : tests)
        called.push_back(test.called);
    const auto results = audit::last_results(called);
    std::vector<node_state> out;
    for (const auto &[node, test] : tests) {
        node_state s;
        s.name = node;
        s.kind = test.kind;
        s.state = "new";
        s.reason = "no result of it is kept";
        if (const auto last = results.find(test.called); last != results.end()) {
            s.reason.clear();
            judge_test(last->second, test.kind, test.by_count, s);
        }
        out.push_back(std::move(s));
    }
    return out;
}

} // namespace

std::vector<pg::row> list_nodes(const project::project &p, const std::string &selection) {
    judging j(p);
    const auto selected = select_with_tests(p, j.nodes(), selection);
    if (!selected)
        return rows_of(j.of_selection(selection));
    std::vector<node_state> states;
    for (const std::string &node : j.nodes().order())
        if (selected->count(node))
            states.push_back(j.of(node));
    for (node_state &s : states_of_tests(p, *selected))
        states.push_back(std::move(s));
    return rows_of(states);
}

} // namespace barometre::model
