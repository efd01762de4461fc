#include "core/project/unit_test_inputs.h"
#include "core/project/dependencies.h"
#include "core/project/registered.h"
#include "core/project/templates.h"
#include "core/project/unit_test_config.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::project {

namespace {

[[noreturn]] void refuse_test(const unit_test &t, const place &at, const std::string &what,
                              const std::string &detail = {}, const std::string &hint = {}) {
    throw error(sqlstate::project_invalid, at.text() + ": unit test \"" + t.name + "\" " + what, detail, hint);
}

/// The node of an input. One that is not there is an error of the test, unlike what a data test reads: a model whose
/// input is gone is no longer what the test says.
std::string node_of(const project &p, const unit_test &t, const unit_test::input &input) {
    if (input.is_this())
        return t.model;
    jinja::references one;
    if (!input.ref.empty())
        one.refs = {input.ref};
    else
        one.sources = {{input.source, input.table}};
    if (!input.package.empty())
        one.packages = {{input.ref, input.package}};
    try {
        return nodes_referred(p, one, nullptr,
                              [&](const std::string &node) {
                                  return input.at.text() + ": unit test \"" + t.name + "\" gives \"" + node +
                                         "\", which ";
                              })
            .at(0);
    } catch (const missing_node &e) {
        throw error(e);
    }
}

/// The model's references that are not given, as templates write them.
std::vector<std::string> left_out(const project &p, const unit_test &t, const jinja::references &read) {
    const auto is_given = [&](const std::string &node) {
        return std::any_of(t.given.begin(), t.given.end(), [&](const auto &one) { return one.node == node; });
    };
    std::vector<std::string> out;
    for (const std::string &ref : read.refs)
        if (!is_given(ref))
            out.push_back("ref('" + ref + "')");
    for (const auto &[source, table] : read.sources)
        if (const std::string node = p.source_node(source, table); !node.empty() && !is_given(node))
            out.push_back("source('" + source + "', '" + table + "')");
    return out;
}

} // namespace

void find_unit_test_inputs(const project &p, unit_test &t) {
    const model &m = *p.find_model(t.model);
    if (m.is_snapshot())
        refuse_test(t, t.at, "is of \"" + t.model + "\", which is a snapshot", "Unit tests are of models.");
    for (unit_test::input &input : t.given) {
        input.node = node_of(p, t, input);
        if (std::any_of(t.given.data(), &input, [&](const auto &before) { return before.node == input.node; }))
            refuse_test(t, input.at, "gives " + input.said + " twice", "", "Remove one of them.");
        const blocked_node *blocked = p.find_blocked(input.node);
        if (input.rows.form == fixture::forms::seed && !p.find_seed(input.node) &&
            !(blocked && blocked->kind == "seed"))
            refuse_test(t, input.at, "gives " + input.said + " without rows", "Only a seed has rows of its own.",
                        "If it is to be empty, write  rows: [].");
    }
    jinja::callbacks context = template_context(p, &m);
    for (const auto &[name, v] : t.overrides.macros)
        if (!jinja::can_be_overridden(name, context))
            p.found->add(
                {"key", name, "ignored", t.at,
                 "Unit test \"" + t.name + "\" overrides it, and no macro, function or variable has that name.", true});
    override_templates(context, t.overrides);
    const jinja::references read = jinja::find_references(m.source, m.file, context);
    if (const auto missing = left_out(p, t, read); !missing.empty())
        refuse_test(t, t.at,
                    "does not give all that model \"" + m.name + "\" reads: " + joined(missing) +
                        (missing.size() == 1 ? " is missing" : " are missing"),
                    "Nothing real is read by a unit test.",
                    "Add  - {input: \"" + missing.front() + "\", rows: []}  under \"given\", with rows if they count.");
    if (!m.is(materialization::incremental))
        return;
    if (read.asks_incremental)
        refuse_test(t, t.at, "does not say whether is_incremental() is true", "Its model asks for that.",
                    "Add  overrides: {macros: {is_incremental: true}}, or false.");
    const auto said = t.overrides.macros.find("is_incremental");
    if (said != t.overrides.macros.end() && !said->second.is(jinja::value::kind::boolean))
        refuse_test(t, t.at, "overrides is_incremental() by what is neither true nor false", "",
                    "Write it without quotes.");
    if (said != t.overrides.macros.end() && said->second.boolean() &&
        std::none_of(t.given.begin(), t.given.end(), [](const auto &one) { return one.is_this(); }))
        refuse_test(t, t.at, "says that is_incremental() is true, and gives no rows that are there",
                    "An incremental model may read its own table.", "Add  - {input: this, rows: []}  under \"given\".");
}

std::map<const unit_test *, std::string> names_of_unit_tests(const project &p) {
    std::map<std::string, int> times;
    const auto count = [&](const auto &all) {
        for (const auto &one : all)
            ++times[one.name];
    };
    count(p.unit_tests);
    count(p.tests);
    count(p.models);
    count(p.seeds);
    count(p.blocked);
    std::map<const unit_test *, std::string> out;
    for (const unit_test &t : p.unit_tests) {
        out[&t] = times[t.name] > 1 ? t.model + "." + t.name : t.name;
    }
    return out;
}

} // namespace barometre::project
