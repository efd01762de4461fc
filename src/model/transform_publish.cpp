#include "audit/data_test.h"
#include "core/project/dependencies.h"
#include "core/text/text.h"
#include "model/publish.h"
#include "model/transform.h"
#include "pg/identity.h"
#include "pg/messages.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>

// The second half of a transformation: what was built is tested, and published.

namespace barometre::model {

/// A node's new version must not be published, nor what was built from it.
void transformation::leave_out(const std::string &node, const std::string &why) {
    std::set<std::string> out, open{node};
    while (!open.empty()) {
        const std::string at = *open.begin();
        open.erase(open.begin());
        const project::model *v = p_.find_model(at);
        const bool view = v && v->is(project::materialization::view);
        if (v && v->is(project::materialization::ephemeral)) // it is in those who read it
            open.insert(all_.children(at).begin(), all_.children(at).end());
        const bool built = std::any_of(candidates_.begin(), candidates_.end(), [&](const candidate &c) { return c.node == at; });
        if (!built && !view)
            continue;
        failed_.insert(at);
        out.insert(at);
        out.merge(nodes_.descendants(at));
        if (view) // it fails because of what it shows
            open.insert(nodes_.parents(at).begin(), nodes_.parents(at).end());
    }
    for (candidate &c : candidates_) {
        if (!out.count(c.node))
            continue;
        c.done.status = failed_.count(c.node) ? "failed" : "skipped";
        c.done.why = why;
        left_out_.emplace(c.node, why);
    }
}

void transformation::audit(run::record &memory) {
    std::set<std::string> built;
    for (const candidate &c : candidates_)
        built.insert(c.node);
    if (built.empty())
        return;
    for (const std::string &name : nodes_.order()) // views show what was built, whether they are selected or not
        if (const project::model *v = p_.find_model(name); v && v->is(project::materialization::view) && there_.count(name))
            for (const std::string &input : nodes_.parents(name))
                if (built.count(input))
                    built.insert(name);
    const auto order = all_.order();
    for (auto name = order.rbegin(); name != order.rend(); ++name) // ephemeral models are in those who read them
        if (const project::model *e = p_.find_model(*name); e && e->is(project::materialization::ephemeral))
            for (const std::string &reader : all_.children(*name))
                if (built.count(reader))
                    built.insert(*name);
    show_progress("tests");
    const auto tests = audit::tests_of(p_, built);
    auto resolve = [&](const std::string &sql) {
        const std::size_t mark = shop_.mark();
        std::string resolved;
        try {
            pg::in_subtransaction([&] { resolved = shop_.resolve(sql); });
        } catch (...) {
            shop_.undone(mark);
            throw;
        }
        return resolved;
    };
    const auto outcomes = audit::run_tests(p_, tests, {resolve, [&](const std::string &node) { return is_there(node); }}, memory);
    tests_ = static_cast<std::int64_t>(tests.size());
    std::string failing;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const audit::data_test &t = tests[i];
        const audit::outcome &o = outcomes[i];
        const std::string what = "test " + t.name + " of " + t.target + (o.status == "error" ? " could not be run: " + o.message : ": " + text::format_count(o.failures) + " failing rows");
        if (o.status == "pass" || o.status == "skip")
            continue;
        steps_.push_back(audit::step_of(t, o));
        pg::warning(what, "SELECT sample FROM barometre.test_result WHERE run = " + std::to_string(memory.id()) + " AND target = " + pg::quote_literal(t.target) + ";");
        if (!o.bad() || (o.status == "error" && t.config.severity == project::severity::warn))
            continue;
        failing += (failing.empty() ? "" : "; ") + what;
        if (options_.skip_failures) {
            for (const std::string &node : t.reads)
                leave_out(node, what);
        }
    }
    if (!failing.empty() && !options_.skip_failures)
        throw error(sqlstate::test_failed, "a test failed, and nothing was published", "Failing: " + failing + ".",
                    "SELECT target, test, sample FROM barometre.test_result WHERE run = " + std::to_string(memory.id()) +
                        " AND status IN ('fail', 'error'); shows rows. Correct the data or the model, or give the test severity: warn.");
}

/// Says where a model was made from what readers know of another one that changes: it will be built again.
void transformation::tell_old_versions() {
    for (candidate &c : candidates_)
        for (const auto &[node, through] : c.read_published) {
            if (!changed_.count(node) || left_out_.count(node) || c.kind == 'v')
                continue;
            c.record.always = "it read " + node + " as it was published before, through " + through;
            pg::warning("model \"" + c.node + "\" reads \"" + node + "\" as it was published before, through " + through,
                        "Let the model read it by ref('" + node + "'), or make the view a model of the project. It is built again by the next call.");
        }
}

void transformation::publish_all() {
    show_progress("publishing");
    shop_.clear_views(); // what they show is in tables now
    for (auto c = candidates_.rbegin(); c != candidates_.rend(); ++c)
        if (left_out_.count(c->node) && c->published == 0 && c->built.empty())
            drop_relation(c->schema, c->name, 'r');
    for (;;) {
        std::vector<candidate> published;
        for (const candidate &c : candidates_)
            if (!left_out_.count(c.node))
                published.push_back(c);
        const candidate *at = nullptr;
        try {
            if (options_.skip_failures)
                pg::in_subtransaction([&] { publish(p_, nodes_, published, snapshot_, at); });
            else
                publish(p_, nodes_, published, snapshot_, at);
            for (candidate &c : published)
                for (candidate &mine : candidates_)
                    if (mine.node == c.node)
                        mine.done = c.done;
            break;
        } catch (error &e) {
            if (!at || e.sqlstate.starts_with("57"))
                throw;
            const std::string node = at->node;
            if (e.message.find('"' + node + '"') == std::string::npos)
                e.message = at->done.kind + " \"" + node + "\": " + e.message;
            if (e.sqlstate == "42501" && e.message.find("security-restricted") != std::string::npos)
                e.hint = "Connect as role " + pg::quote_identifier(pg::role_name(pg::current_role())) + ", and call it again: after SET ROLE what waits for the commit could go back to your role.";
            for (candidate &c : candidates_)
                if (c.node == node) {
                    c.done.sqlstate = e.sqlstate;
                    c.done.message = e.message;
                    c.done.status = "failed";
                }
            if (!options_.skip_failures)
                throw;
            pg::warning(e.message, e.hint, e.detail);
            leave_out(node, "it could not be published");
            for (auto c = candidates_.rbegin(); c != candidates_.rend(); ++c)
                if (left_out_.count(c->node) && c->published == 0 && c->built.empty() && registry::node_exists(p_, c->node))
                    drop_relation(c->schema, c->name, 'r');
        }
    }
    shop_.clear();
}

} // namespace barometre::model
