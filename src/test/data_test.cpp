#include "test/data_test.h"
#include "core/graph/selection.h"
#include "core/project/dependencies.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::test {

namespace {

std::string first(const project::generic_test &t, const std::string &key) {
    auto found = t.arguments.find(key);
    return found == t.arguments.end() || found->second.empty() ? "" : found->second.front();
}

/// Fills in the queries of a generic test. `column`: quoted, or empty for a test of the table.
void write_query(const project::project &p, const project::generic_test &t, const std::string &table, const std::string &column, data_test &made) {
    if (t.name == "unique") {
        made.query = "SELECT " + column + ", count(*) AS times FROM " + table + " WHERE " + column + " IS NOT NULL GROUP BY " + column +
                     " HAVING count(*) > 1";
        return;
    }
    if (t.name == "relationships") {
        made.query = "SELECT " + column + " FROM " + table + " AS child WHERE " + column + " IS NOT NULL AND NOT EXISTS (SELECT FROM " +
                     relation_of(p, first(t, "to")) + " AS parent WHERE parent." + pg::quote_identifier(first(t, "field")) + " = child." + column + ")";
        return;
    }
    made.table = table;
    made.counted = "*";
    if (t.name == "not_null") {
        made.condition = column + " IS NULL";
    } else if (t.name == "accepted_values") {
        made.condition = column + "::text <> ALL (" + pg::quote_literal(*pg::array_literal(t.arguments.at("values"))) + "::text[])";
        made.counted = "DISTINCT " + column + "::text";
        made.query = "SELECT " + column + ", count(*) AS times FROM " + table + " WHERE " + made.condition + " GROUP BY " + column;
        return;
    } else {
        made.condition = "NOT (" + (column.empty() ? "" : column + " ") + first(t, "expression") + "\n)";
    }
    made.query = "SELECT * FROM " + table + " WHERE " + made.condition;
}

void add_tests(const project::project &p, const std::string &node, const std::string &column,
               const std::vector<project::generic_test> &tests, std::vector<data_test> &out) {
    for (const project::generic_test &t : tests) {
        if (column.empty() && t.name != "expression_is_true")
            throw error(sqlstate::project_invalid, t.at.text() + ": test \"" + t.name + "\" belongs to a column", "",
                        "Put it under \"tests:\" of one of the columns.");
        data_test made{column.empty() ? node : node + "." + column, t.name, t.severity, {node}, "", t.at.text(), "", "", ""};
        if (t.name == "relationships")
            made.reads.push_back(first(t, "to"));
        write_query(p, t, relation_of(p, node), column.empty() ? "" : pg::quote_identifier(column), made);
        out.push_back(std::move(made));
    }
}

template <class T> void add_all(const project::project &p, const std::string &node, const T &of, std::vector<data_test> &out) {
    add_tests(p, node, "", of.tests, out);
    for (const project::column &c : of.columns)
        add_tests(p, node, c.name, c.tests, out);
}

/// What is read through ephemeral models, which are nowhere else.
void add_behind(const project::project &p, const graph &nodes, std::vector<std::string> &reads) {
    for (std::size_t i = 0; i < reads.size(); ++i)
        if (const project::model *m = p.find_model(reads[i]); m && m->is(project::materialization::ephemeral))
            for (const std::string &input : nodes.parents(m->name))
                if (std::find(reads.begin(), reads.end(), input) == reads.end())
                    reads.push_back(input);
}

/// All tests of the project, in dependency order.
std::vector<data_test> all_tests(const project::project &p, const graph &nodes) {
    std::vector<data_test> out;
    for (const std::string &node : nodes.order()) {
        auto singular = std::find_if(p.tests.begin(), p.tests.end(), [&](const auto &t) { return t.name == node; });
        if (singular != p.tests.end()) {
            const auto &reads = nodes.parents(node);
            out.push_back({node, "singular", singular->severity, {reads.begin(), reads.end()},
                           compile_lines(p, singular->source, singular->file, {.inlined = false}).sql, singular->file, "", "", ""});
        } else if (const project::model *m = p.find_model(node)) {
            add_all(p, node, *m, out);
        } else if (const project::seed *s = p.find_seed(node)) {
            add_all(p, node, *s, out);
        } else if (std::size_t dot = node.find('.'); dot != std::string::npos) {
            add_all(p, node, *p.find_stream(node.substr(0, dot), node.substr(dot + 1)), out);
        }
    }
    for (data_test &t : out)
        add_behind(p, nodes, t.reads);
    return out;
}

bool is_singular(const data_test &t) { return t.name == "singular"; }

/// Runs `query`, with `before` and `after` around it, in a subtransaction; an error of its own is the outcome. What
/// `where` makes so that it can be read lives on.
void attempt(outcome &o, const data_test &t, const reading &where, const std::string &before, const std::string &after,
             const std::function<void(const pg::result &)> &take) {
    try {
        // A query ends in a newline, so that it may end in a comment.
        const std::string sql = before + where.resolve(t.query) + "\n" + after;
        pg::in_subtransaction([&] { take(pg::sql(sql)); });
    } catch (const error &e) {
        if (e.sqlstate.starts_with("57"))
            throw;
        o.status = "error";
        o.message = t.file + ": " + e.message;
    }
}

void judge(outcome &o, const data_test &t) {
    if (o.status.empty())
        o.status = o.failures == 0 ? "pass" : t.severity == project::severity::warn ? "warn" : "fail";
}

/// Counts the failing rows of several tests of one table in one scan. False: one of them is wrong.
bool scan(const std::vector<data_test> &tests, const std::vector<std::size_t> &together, const reading &where, std::vector<outcome> &out) {
    stopwatch watch;
    std::string counts;
    for (std::size_t i : together)
        counts += (counts.empty() ? "" : ",\n") + ("count(" + tests[i].counted + ") FILTER (WHERE " + tests[i].condition + ")");
    try {
        const std::string sql = where.resolve("SELECT " + counts + " FROM " + tests[together.front()].table);
        pg::in_subtransaction([&] {
            auto got = pg::sql(sql);
            for (std::size_t n = 0; n < together.size(); ++n)
                out[together[n]].failures = got.number(0, n);
        });
    } catch (const error &e) {
        if (e.sqlstate.starts_with("57"))
            throw;
        return false;
    }
    for (std::size_t i : together) {
        out[i].seconds = watch.seconds() / static_cast<double>(together.size());
        judge(out[i], tests[i]);
    }
    return true;
}

} // namespace

std::vector<data_test> select_tests(const project::project &p, const std::string &selection) {
    const graph nodes = dependencies_with_tests(p);
    const std::set<std::string> selected = select_nodes(nodes, traits_of(p), selection);
    std::vector<data_test> out = all_tests(p, nodes);
    std::erase_if(out, [&](const data_test &t) {
        if (is_singular(t))
            return !selected.count(t.target) && std::none_of(t.reads.begin(), t.reads.end(), [&](const auto &r) { return selected.count(r) > 0; });
        return !selected.count(t.reads.front());
    });
    return out;
}

std::vector<data_test> tests_of(const project::project &p, const std::set<std::string> &nodes) {
    std::vector<data_test> out = all_tests(p, dependencies_with_tests(p));
    std::erase_if(out, [&](const data_test &t) { return std::none_of(t.reads.begin(), t.reads.end(), [&](const auto &r) { return nodes.count(r) > 0; }); });
    return out;
}

reading published(const project::project &p) {
    return {[&p](const std::string &sql) { return inline_ephemeral(p, {sql, {}}).sql; }, [&p](const std::string &node) { return node_exists(p, node); }};
}

std::vector<outcome> run_tests(const project::project &p, const std::vector<data_test> &tests, const reading &where, run &memory) {
    std::vector<outcome> out(tests.size());
    std::map<std::string, std::vector<std::size_t>> tables;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        for (const std::string &node : tests[i].reads)
            if (!where.exists(node)) {
                out[i].status = "skip";
                out[i].message = "\"" + node + "\" does not exist yet";
            }
        if (out[i].status.empty() && !tests[i].condition.empty())
            tables[tests[i].table].push_back(i);
    }
    for (const auto &[table, together] : tables)
        scan(tests, together, where, out);
    const std::string samples = std::to_string(p.test_samples);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const data_test &t = tests[i];
        outcome &o = out[i];
        pg::check_interrupts();
        stopwatch watch;
        if (o.status.empty()) {
            attempt(o, t, where, "WITH failing AS (\n",
                    ") SELECT count(*), (SELECT jsonb_agg(to_jsonb(s)) FROM (SELECT * FROM failing LIMIT " + samples + ") AS s) FROM failing",
                    [&](const pg::result &got) {
                        o.failures = got.number(0, 0);
                        o.sample = got.at(0, 1);
                    });
            judge(o, t);
        } else if (o.failures > 0) {
            attempt(o, t, where, "SELECT jsonb_agg(to_jsonb(s)) FROM (SELECT * FROM (\n", ") AS failing LIMIT " + samples + ") AS s",
                    [&](const pg::result &got) { o.sample = got.at(0, 0); });
        }
        o.seconds += watch.seconds();
        memory.keep_test({t.target, t.name, t.severity == project::severity::warn ? "warn" : "error", o.status, o.failures, o.seconds, o.message,
                          o.sample.value_or("")});
    }
    return out;
}

} // namespace barometre::test
