#include "test/data_test.h"
#include "core/project/dependencies.h"
#include "job/run.h"
#include "model/transform.h"
#include "pg/identity.h"

#include <algorithm>

namespace barometre::test {

namespace {

std::string first(const project::generic_test &t, const std::string &key) {
    auto found = t.arguments.find(key);
    return found == t.arguments.end() || found->second.empty() ? "" : found->second.front();
}

/// The failing rows of a generic test. `column`: quoted, or empty for a test of the table.
std::string failing_rows(const project::project &p, const project::generic_test &t, const std::string &table, const std::string &column) {
    if (t.name == "unique")
        return "SELECT " + column + ", count(*) AS times FROM " + table + " WHERE " + column + " IS NOT NULL GROUP BY " + column +
               " HAVING count(*) > 1";
    if (t.name == "not_null")
        return "SELECT * FROM " + table + " WHERE " + column + " IS NULL";
    if (t.name == "accepted_values")
        return "SELECT " + column + ", count(*) AS times FROM " + table + " WHERE " + column + "::text <> ALL (" +
               pg::quote_literal(*pg::array_literal(t.arguments.at("values"))) + "::text[]) GROUP BY " + column;
    if (t.name == "relationships")
        return "SELECT " + column + " FROM " + table + " AS child WHERE " + column + " IS NOT NULL AND NOT EXISTS (SELECT FROM " +
               model::relation_of(p, first(t, "to")) + " AS parent WHERE parent." + pg::quote_identifier(first(t, "field")) +
               " = child." + column + ")";
    return "SELECT * FROM " + table + " WHERE NOT (" + (column.empty() ? "" : column + " ") + first(t, "expression") + "\n)";
}

void add_tests(const project::project &p, const std::string &node, const std::string &column,
               const std::vector<project::generic_test> &tests, std::vector<data_test> &out) {
    for (const project::generic_test &t : tests) {
        if (column.empty() && t.name != "expression_is_true")
            throw error(sqlstate::project_invalid, t.at.text() + ": test \"" + t.name + "\" belongs to a column", "",
                        "Put it under \"tests:\" of one of the columns.");
        data_test made{column.empty() ? node : node + "." + column, t.name, t.severity, {node}, "", t.at.text()};
        if (t.name == "relationships")
            made.reads.push_back(first(t, "to"));
        made.query = failing_rows(p, t, model::relation_of(p, node), column.empty() ? "" : pg::quote_identifier(column));
        out.push_back(std::move(made));
    }
}

template <class T> void add_all(const project::project &p, const std::string &node, const T &of, std::vector<data_test> &out) {
    add_tests(p, node, "", of.tests, out);
    for (const project::column &c : of.columns)
        add_tests(p, node, c.name, c.tests, out);
}

} // namespace

std::vector<data_test> select_tests(const project::project &p, const std::string &selection) {
    const graph nodes = dependencies_with_tests(p);
    const std::set<std::string> selected = select_nodes(nodes, selection);
    std::vector<data_test> out;
    for (const std::string &node : nodes.order()) {
        auto singular = std::find_if(p.tests.begin(), p.tests.end(), [&](const auto &t) { return t.name == node; });
        if (singular != p.tests.end()) {
            const auto &reads = nodes.parents(node);
            if (!selected.count(node) && std::none_of(reads.begin(), reads.end(), [&](const auto &r) { return selected.count(r) > 0; }))
                continue;
            out.push_back({node, "singular", singular->severity, {reads.begin(), reads.end()},
                           model::compile(p, singular->source, singular->file), singular->file});
            continue;
        }
        if (!selected.count(node))
            continue;
        if (const project::model *m = p.find_model(node))
            add_all(p, node, *m, out);
        else if (const project::seed *s = p.find_seed(node))
            add_all(p, node, *s, out);
        else if (std::size_t dot = node.find('.'); dot != std::string::npos)
            add_all(p, node, *p.find_stream(node.substr(0, dot), node.substr(dot + 1)), out);
    }
    return out;
}

outcome run_test(const project::project &p, const data_test &t, std::int64_t run) {
    stopwatch watch;
    outcome o;
    pg::value sample;
    for (const std::string &node : t.reads)
        if (!model::node_exists(p, node)) {
            o.status = "skip";
            o.message = "\"" + node + "\" does not exist yet";
        }
    if (o.status.empty()) {
        // The query ends in a newline, so that it may end in a comment.
        const std::string counted = "WITH failing AS (\n" + t.query + "\n) SELECT count(*), (SELECT jsonb_agg(to_jsonb(s)) FROM "
                                    "(SELECT * FROM failing LIMIT " + std::to_string(p.test_samples) + ") AS s) FROM failing";
        try {
            pg::in_subtransaction([&] {
                auto got = pg::sql(counted);
                o.failures = got.number(0, 0);
                sample = got.at(0, 1);
            });
            o.status = o.failures == 0 ? "pass" : t.severity == project::severity::warn ? "warn" : "fail";
        } catch (const error &e) {
            if (e.sqlstate == "57014" || e.sqlstate.starts_with("57P"))
                throw;
            o.status = "error";
            o.message = t.file + ": " + e.message;
        }
    }
    o.seconds = watch.seconds();
    pg::as_extension([&] {
        pg::sql("INSERT INTO barometre.test_result (run, target, test, severity, status, failures, seconds, message, sample, tested_at) "
                "VALUES ($1::bigint, $2, $3, $4, $5, $6::bigint, $7::numeric, $8, $9::jsonb, clock_timestamp())",
                {std::to_string(run), t.target, t.name, t.severity == project::severity::warn ? "warn" : "error", o.status,
                 std::to_string(o.failures), format_seconds(o.seconds), o.message.empty() ? pg::value() : pg::value(o.message), sample});
    });
    return o;
}

} // namespace barometre::test
